using System.CommandLine;
using Flotilla.Cli.Commands.Up;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>The options of commands that speak to the management port of a cluster's nodes.</summary>
internal sealed class ClusterAccess(IConsole console)
{
    public const string SecretHint = "Give the secret of management with --secret-file FILE or the variable FLOTILLA_MANAGEMENT_SECRET.";

    public const int DefaultPort = 4780;

    private readonly Option<string[]> _node = new("--node", "-n")
    {
        Description = $"Management port of a node: HOST or HOST:PORT. Several: repeat it, the first that answers counts. Default: $FLOTILLA_MANAGEMENT, else 127.0.0.1:{DefaultPort}.",
        HelpName = "host:port",
    };

    private readonly Option<string?> _secretFile = new("--secret-file")
    {
        Description = "File whose first line is the secret of management. Default: $FLOTILLA_MANAGEMENT_SECRET, else that of 'flotilla up' on this machine, else none.", HelpName = "file",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_node);
        command.Options.Add(_secretFile);
    }

    public ClusterClient Connect(ParseResult parsed)
    {
        var variable = console.Variable("FLOTILLA_MANAGEMENT") is { Length: > 0 } given ? given : $"127.0.0.1:{DefaultPort}";
        var nodes = parsed.GetValue(_node) is { Length: > 0 } named ? named : variable.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        Uri[] addresses = [.. nodes.Select(Address)];
        return new ClusterClient(addresses, ReadSecret(parsed) ?? SecretOfUp(addresses));
    }

    private static Uri Address(string node)
    {
        var isWhole = Uri.TryCreate($"http://{node}", UriKind.Absolute, out var address) && address.PathAndQuery == "/" && address.UserInfo.Length == 0 && address.Fragment.Length == 0;
        if (!isWhole || node.Contains('/', StringComparison.Ordinal))
            throw new CliException(ExitCode.Usage, $"'{node}' is no address of a node", "Write HOST, HOST:PORT or [::1]:PORT.");
        var hasPort = node.LastIndexOf(':') > node.LastIndexOf(']') && node.Count(one => one == ':') is var colons && (colons == 1 || node[0] == '[');
        return hasPort ? address! : new UriBuilder(address!) { Port = DefaultPort }.Uri;
    }

    /// <summary>The secret of the cluster that this user's 'flotilla up' made: for this machine only.</summary>
    private static string? SecretOfUp(IEnumerable<Uri> nodes)
        => new UpFolder(UpFolder.DefaultPath).ManagementSecret is var file && nodes.All(node => node.IsLoopback) && File.Exists(file) ? SecretFile.Read(file) : null;

    private string? ReadSecret(ParseResult parsed)
    {
        if (parsed.GetValue(_secretFile) is not { } path)
            return console.Variable("FLOTILLA_MANAGEMENT_SECRET") is { Length: > 0 } variable ? variable : null;
        return File.ReadLines(path).FirstOrDefault("").Trim() is { Length: > 0 } first
            ? first
            : throw new CliException(ExitCode.Failed, $"{path} begins with an empty line where the secret must stand");
    }
}
