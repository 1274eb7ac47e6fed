using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Node.Management;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Where <c>jobs serve</c> listens, and whom it lets in.</summary>
internal sealed class ListenOptions
{
    private const string Nowhere = "none";
    private const int TlsPort = 4731;
    private const int ManagementPort = 4780;

    private readonly Option<string[]> _gearman = Addresses("--listen", "-L", "Gearman: HOST:PORT, PORT, *:PORT (every address), unix:/PATH, or none; repeat it for several. Default 127.0.0.1:4730.");
    private readonly Option<string[]> _tlsGearman = Addresses("--tls-listen", null, "Gearman over TLS. Default with a certificate: 127.0.0.1:4731.");
    private readonly Option<string[]> _http = Addresses("--http", null, "Jobs over HTTP (POST /function). Default 127.0.0.1:8080; none for nowhere.");
    private readonly Option<string[]> _management = Addresses("--management", null, "Page, REST, /metrics and /health. Default 127.0.0.1:4780; none for nowhere.");
    private readonly Option<string?> _certificate = File("--tls-certificate", "PEM file of the server's certificate and its chain.");
    private readonly Option<string?> _key = File("--tls-key", "PEM file of its private key.");
    private readonly Option<string?> _authority = File("--tls-ca", "PEM file of the authorities that clients' certificates must come from.");
    private readonly Option<ClientCertificateMode> _clients = new("--tls-clients") { Description = "Certificates of clients: none, allowed or required. Default none." };
    private readonly Option<string?> _secretFile = File("--secret-file", "File whose first line connections from other machines must know.");
    private readonly Option<string?> _managementSecretFile = File("--management-secret-file", "File with the secret of management, at least 16 characters.");
    private readonly Option<bool> _allowOpen = new("--allow-open") { Description = "Listen for other machines without a secret or client certificates." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [_gearman, _tlsGearman, _http, _management, _certificate, _key, _authority, _clients, _secretFile, _managementSecretFile, _allowOpen])
            command.Options.Add(option);
    }

    public JobServerOptions Apply(ParseResult parsed, JobServerOptions server)
    {
        var gearman = Named(parsed, _gearman);
        var tlsGearman = Named(parsed, _tlsGearman);
        var http = Named(parsed, _http);
        var tls = Tls(parsed);
        if (tls is not null && tlsGearman is null)
            tlsGearman = [$"127.0.0.1:{TlsPort}"];
        if (tlsGearman is { Length: > 0 } && tls is null)
            throw new CliException(ExitCode.Usage, "--tls-listen needs --tls-certificate");
        List<JobServerListener> listeners =
        [
            .. Pick(gearman, server.Listeners, static one => one is { Protocol: JobServerProtocol.Gearman, Tls: null }, JobServerListener.DefaultPort, new()),
            .. Pick(tlsGearman, server.Listeners, static one => one is { Protocol: JobServerProtocol.Gearman, Tls: not null }, TlsPort, new() { Tls = tls }),
            .. Pick(http, server.Listeners, static one => one.Protocol == JobServerProtocol.Http, NodeOptions.DefaultHttpPort, new() { Protocol = JobServerProtocol.Http }),
        ];
        return server with
        {
            Listeners = listeners,
            SharedSecret = parsed.GetValue(_secretFile) is { } file ? ReadSecret(file) : server.SharedSecret,
            AllowOpenListeners = server.AllowOpenListeners || parsed.GetValue(_allowOpen),
        };
    }

    public ManagementOptions Apply(ParseResult parsed, ManagementOptions management)
    {
        if (parsed.GetValue(_managementSecretFile) is { } file)
            management = management with { Secret = null, SecretFile = file };
        if (parsed.GetValue(_allowOpen))
            management = management with { AllowOpen = true };
        if (Named(parsed, _management) is not { } named)
            return management;
        var endpoints = named.Select(text => Resolve(text, ManagementPort)).ToList();
        return endpoints.TrueForAll(endpoint => endpoint is IPEndPoint)
            ? management with { Listen = [.. endpoints.Cast<IPEndPoint>()] }
            : throw new CliException(ExitCode.Usage, "--management listens on addresses with ports only");
    }

    /// <summary>What the line names in place of what the file names; the file's where the line is silent.</summary>
    private static IEnumerable<JobServerListener> Pick(
        string[]? named, IReadOnlyList<JobServerListener> given, Func<JobServerListener, bool> isOfKind, int port, JobServerListener template)
        => named is null ? given.Where(isOfKind) : named.Select(text => template with { EndPoint = Resolve(text, port) });

    /// <summary>Null when the option was not given; empty for <c>none</c>.</summary>
    private static string[]? Named(ParseResult parsed, Option<string[]> option)
        => parsed.GetResult(option) is null ? null
            : parsed.GetValue(option) is [Nowhere] ? []
            : parsed.GetValue(option);

    private static EndPoint Resolve(string text, int port)
    {
        try
        {
            return JobServerListener.Parse(text, port);
        }
        catch (FormatException wrong)
        {
            return ResolveName(text, port)
                ?? throw new CliException(ExitCode.Usage, $"'{text}' is no address to listen on: {wrong.Message}", "Write HOST:PORT, PORT, *:PORT or unix:/PATH.");
        }
    }

    /// <summary>A host's name; the first of its addresses.</summary>
    private static IPEndPoint? ResolveName(string text, int port)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var given = (ushort)port;
        if (colon >= 0 && !ushort.TryParse(text.AsSpan(colon + 1), out given))
            return null;
        try
        {
            return new IPEndPoint(Dns.GetHostAddresses(host)[0], given);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            return null;
        }
    }

    private JobServerTls? Tls(ParseResult parsed) => parsed.GetValue(_certificate) is { } certificate
        ? new JobServerTls
        {
            CertificatePath = certificate,
            KeyPath = parsed.GetValue(_key),
            AuthorityPath = parsed.GetValue(_authority),
            ClientCertificates = parsed.GetValue(_clients),
        }
        : null;

    private static string ReadSecret(string file)
        => System.IO.File.ReadLines(file).FirstOrDefault("").Trim() is { Length: > 0 } secret
            ? secret
            : throw new CliException(ExitCode.Failed, $"{file} begins with an empty line where the secret must stand");

    private static Option<string[]> Addresses(string name, string? alias, string description)
        => new(name, alias is null ? [] : [alias]) { Description = description, HelpName = "address" };

    private static Option<string?> File(string name, string description) => new(name) { Description = description, HelpName = "file" };
}
