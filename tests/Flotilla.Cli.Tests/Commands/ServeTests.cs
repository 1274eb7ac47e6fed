using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

public sealed class ServeTests : IDisposable
{
    private const int Kill = 9;
    private const int Term = 15;

    private readonly TempFolder _folder = new();
    private int? _started;

    /// <summary>A test that fails leaves no server behind.</summary>
    public void Dispose()
    {
        if (_started is { } id && Directory.Exists($"/proc/{id}"))
            _ = kill(id, Kill);
        _folder.Dispose();
    }

    [Fact]
    public async Task SaysWhereItListensAndStopsWhenTold()
    {
        using var process = Run.Start(
            Run.FlotillaPath,
            ["jobs", "serve", "-L", "127.0.0.1:0", "--http", "127.0.0.1:0", "--management", "127.0.0.1:0", "--store", "memory", "-vv", "-t", "0", "--pid-file", _folder.Combine("pid")]);
        _started = process.Id;
        var lines = new List<string>();
        while (lines.Count < 5)
            lines.Add(await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default) ?? throw new EndOfStreamException(await process.StandardError.ReadToEndAsync()));
        Assert.Matches(@"^  gearman      127\.0\.0\.1:\d+$", lines[1]);
        Assert.Matches(@"^  http         http://127\.0\.0\.1:\d+$", lines[2]);
        Assert.Matches(@"^  management   http://127\.0\.0\.1:\d+$", lines[3]);
        Assert.Equal("  store        memory", lines[4]);
        using var http = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(lines[3][15..] + "/health")).StatusCode);
        Assert.Equal(0, kill(process.Id, Term));
        var log = await process.StandardError.ReadToEndAsync().WaitAsync(Deadline.Default);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("INFO  Listening for Gearman on 127.0.0.1:", log, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Combine("pid")));
    }

    [Fact]
    public async Task ConnectionsFromElsewhereNeedASecretOrTheWordThatTheyDoNot()
    {
        var result = (await Run.FlotillaAsync("jobs", "serve", "-L", "*:0", "--http", "none", "--management", "none")).MustEndWith(ExitCode.Usage);
        Assert.Contains("--secret-file", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortThatIsTakenIsNamedWithWhatToDo()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var result = (await Run.FlotillaAsync("jobs", "serve", "-L", $"{other.LocalEndpoint}", "--http", "none", "--management", "none", "--store", "memory")).MustEndWith(ExitCode.Failed);
        Assert.Contains($"{other.LocalEndpoint} (Gearman)", result.Errors, StringComparison.Ordinal);
        Assert.Contains("--listen", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--listen nowhere.invalid:x", "no address")]
    [InlineData("--tls-listen 127.0.0.1:0", "--tls-certificate")]
    [InlineData("--max-packet 3", "MaxPacketBytes")]
    [InlineData("--max-packet many", "is not a size")]
    [InlineData("--threads 1000", "Threads")]
    [InlineData("--config /nonexistent.yaml", "/nonexistent.yaml")]
    [InlineData("--store memory --store-path x", "memory")]
    public async Task OptionsThatMakeNoSenseAreRefusedBeforeAnythingStarts(string line, string why)
        => Assert.Contains(why, (await Run.FlotillaAsync(["jobs", "serve", .. line.Split(' ')])).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);

    [Fact]
    public async Task TheFileIsReadAndTheLineCountsMore()
    {
        var file = _folder.Write("flotilla.yaml", $"""
            jobServer:
              listeners:
                - endPoint: 127.0.0.1:0
              machine:
                handlePrefix: F:file
            store:
              kind: memory
            management:
              listen: []
            """);
        await using var server = new ServerProcess { Arguments = ["--config", file, "--store", "file", "--store-path", _folder.Combine("jobs")] };
        await server.InitializeAsync();
        Assert.StartsWith("F:file:", (await server.RunAsync("jobs", "submit", "f", "x", "-b")).Must(), StringComparison.Ordinal);
        Assert.True(Directory.Exists(_folder.Combine("jobs")));
    }

    [Fact]
    public async Task TlsAndClientCertificatesAreAskedForAndShown()
    {
        using var authority = CreateAuthority();
        WriteCertificate(authority, "server", "localhost");
        WriteCertificate(authority, "client", "a-client");
        File.WriteAllText(_folder.Combine("ca.pem"), authority.ExportCertificatePem());
        await using var server = new ServerProcess
        {
            Arguments =
            [
                "--tls-listen", "127.0.0.1:0", "--tls-certificate", _folder.Combine("server.pem"), "--tls-key", _folder.Combine("server.key"),
                "--tls-ca", _folder.Combine("ca.pem"), "--tls-clients", "required",
            ],
        };
        await server.InitializeAsync();
        var address = server.Announced.GetProperty("gearmanTls")[0].GetString()!;
        string[] trusting = ["jobs", "status", "-s", address, "--tls-ca", _folder.Combine("ca.pem"), "--tls-server-name", "localhost"];
        (await Run.FlotillaAsync([.. trusting, "--tls-certificate", _folder.Combine("client.pem"), "--tls-key", _folder.Combine("client.key")])).Must();
        Assert.NotEqual(0, (await Run.FlotillaAsync(trusting)).Code);
        var untrusted = (await Run.FlotillaAsync("jobs", "status", "-s", address, "--tls", "--tls-server-name", "localhost")).MustEndWith(ExitCode.NotAuthorized);
        Assert.Contains("--tls-ca", untrusted.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task WhoDoesNotKnowTheSecretIsToldHowToGiveIt()
    {
        var file = _folder.Write("flotilla.yaml", "jobServer:\n  trustLocalConnections: false\nmanagement:\n  listen: []\n");
        var secret = _folder.Write("secret", "open-sesame\n");
        await using var server = new ServerProcess { Arguments = ["--config", file, "--secret-file", secret] };
        await server.InitializeAsync();
        foreach (var line in (string[][])[["jobs", "status"], ["jobs", "submit", "f", "x", "-b"]])
        {
            Assert.Contains("--secret-file", (await server.RunAsync(line)).MustEndWith(ExitCode.NotAuthorized).Errors, StringComparison.Ordinal);
            Assert.Contains("--secret-file", (await server.RunAsync([.. line, "--secret", "wrong"])).MustEndWith(ExitCode.NotAuthorized).Errors, StringComparison.Ordinal);
            (await server.RunAsync([.. line, "--secret-file", secret])).Must();
            var console = new TestConsole();
            console.Variables["FLOTILLA_SECRET"] = "open-sesame";
            (await server.RunAsync(console, line)).Must();
        }

        (await server.RunAsync("jobs", "work", "f")).MustEndWith(ExitCode.NotAuthorized);
        await using var worker = await server.WorkAsync("f", "--secret-file", secret);
        await Deadline.UntilAsync(() => worker.Console.Written.StartsWith("x\n", StringComparison.Ordinal), "the worker is let in");
    }

    [Fact]
    public async Task LogLinesCanBeJsonInAFile()
    {
        await using var server = new ServerProcess { Arguments = ["--log-file", _folder.Combine("log"), "--log-format", "json", "-v"] };
        await server.InitializeAsync();
        await Deadline.UntilAsync(() => File.Exists(_folder.Combine("log")) && File.ReadAllText(_folder.Combine("log")).Contains("ListenerStarted", StringComparison.Ordinal), "it is logged");
        var line = System.Text.Json.JsonDocument.Parse(File.ReadLines(_folder.Combine("log")).First(line => line.Contains("ListenerStarted", StringComparison.Ordinal))).RootElement;
        Assert.Equal(server.Address, line.GetProperty("endpoint").GetString());
        Assert.Equal("INFO", line.GetProperty("level").GetString());
    }

    private static X509Certificate2 CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private void WriteCertificate(X509Certificate2 authority, string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_folder.Combine(file + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.Combine(file + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
