using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands;

/// <summary>The options that every command has which speaks to job servers.</summary>
internal sealed class AccessOptions
{
    private const string DefaultServer = "127.0.0.1:4730";

    private readonly IConsole _console;
    private readonly Option<string[]> _server = new("--server", "-s")
    {
        Description = $"Job server: HOST, HOST:PORT, [::1]:PORT or unix:/PATH. Several: repeat it, or put commas between. Default: $FLOTILLA_SERVER, else {DefaultServer}.",
        HelpName = "host:port",
    };

    private readonly Option<string?> _secret = new("--secret")
    {
        Description = "Secret of the server. Others on this machine can read it in the process list: prefer --secret-file or $FLOTILLA_SECRET.",
        HelpName = "secret",
    };

    private readonly Option<string?> _secretFile = new("--secret-file") { Description = "File whose first line is the secret.", HelpName = "file" };
    private readonly Option<bool> _tls = new("--tls") { Description = "Speak TLS." };
    private readonly Option<string?> _ca = new("--tls-ca") { Description = "PEM file of the authorities that may have signed the server's certificate.", HelpName = "file" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "PEM file of our own certificate.", HelpName = "file" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "PEM file of its private key.", HelpName = "file" };
    private readonly Option<string?> _name = new("--tls-server-name") { Description = "Name that the server's certificate must bear, if not its host.", HelpName = "name" };
    private readonly Option<bool> _insecure = new("--tls-insecure") { Description = "Take any certificate of the server." };
    private readonly Option<TimeSpan?> _timeout = new("--connect-timeout")
    {
        Description = "How long one connection may take to be usable. Default 5s.",
        HelpName = "duration",
        CustomParser = Values.Duration,
    };

    /// <param name="console">The world.</param>
    /// <param name="alias">One more name of <c>--server</c>.</param>
    public AccessOptions(IConsole console, string? alias = null)
    {
        _console = console;
        if (alias is not null)
            _server.Aliases.Add(alias);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_server, _secret, _secretFile, _tls, _ca, _certificate, _key, _name, _insecure, _timeout])
            command.Options.Add(option);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="known">Servers to take when neither it nor the environment names any.</param>
    public ServerAccess Read(ParseResult parsed, IReadOnlyList<string>? known = null)
    {
        var variable = _console.Variable("FLOTILLA_SERVER") is { Length: > 0 } given ? given.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) : null;
        IReadOnlyList<string> servers = parsed.GetValue(_server) is { Length: > 0 } named
            ? [.. named.SelectMany(words => words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))]
            : variable ?? known ?? [DefaultServer];
        return new ServerAccess(
            [.. servers.Select(ParseServer).Distinct()], ReadSecret(parsed), ReadTls(parsed), parsed.GetValue(_timeout) ?? TimeSpan.FromSeconds(5));
    }

    private static GearmanAddress ParseServer(string text)
        => GearmanAddress.TryParse(text, out var address)
            ? address
            : throw new CliException(
                ExitCode.Usage, $"'{text}' is no address of a job server", "Write HOST, HOST:PORT, [::1]:PORT or unix:/path/of/socket.");

    private string? ReadSecret(ParseResult parsed)
    {
        if (parsed.GetValue(_secret) is { } secret)
            return secret;
        if (parsed.GetValue(_secretFile) is { } path)
            return SecretFile.Read(path);
        return _console.Variable("FLOTILLA_SECRET") is { Length: > 0 } variable ? variable : null;
    }

    private GearmanTlsOptions? ReadTls(ParseResult parsed)
    {
        var (ca, certificate, key) = (parsed.GetValue(_ca), parsed.GetValue(_certificate), parsed.GetValue(_key));
        var isAsked = parsed.GetValue(_tls) || parsed.GetValue(_insecure) || ca is not null || certificate is not null;
        if (!isAsked)
            return null;
        foreach (var path in (string?[])[ca, certificate, key])
        {
            if (path is not null && !File.Exists(path))
                throw new CliException(ExitCode.Failed, $"{path} is not there", "The TLS options name files in PEM form.");
        }

        return GearmanTlsOptions.FromPemFiles(ca, certificate, key) with
        {
            ServerName = parsed.GetValue(_name),
            TrustAnyServer = parsed.GetValue(_insecure),
        };
    }
}
