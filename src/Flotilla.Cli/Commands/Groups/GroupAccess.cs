using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Flotilla.Cli.Hosting;
using Flotilla.Groups;

namespace Flotilla.Cli.Commands.Groups;

/// <summary>The options of commands that speak to a node of a group.</summary>
internal sealed class GroupAccess(IConsole console)
{
    private const string DefaultNode = "127.0.0.1:4740";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Option<string[]> _node = new("--node", "-n")
    {
        Description = $"Node to ask: HOST:PORT. Several: repeat it, the first that answers counts. Default: $FLOTILLA_NODE, else {DefaultNode}.",
        HelpName = "host:port",
    };

    public GroupSecurityOptions Security { get; } = new(console);

    public void AddTo(Command command)
    {
        command.Options.Add(_node);
        Security.AddTo(command);
    }

    /// <summary>Refuses what is no HOST:PORT before anybody waits for it.</summary>
    public static void RequireAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        var isHost = colon > 0 && (!text.AsSpan(0, colon).Contains(':') || text[0] == '[');
        if (!isHost || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new CliException(ExitCode.Usage, $"'{text}' is no address of a node", "Write HOST:PORT, as 127.0.0.1:4740 or [::1]:4740.");
    }

    /// <summary>A connection to the first node that answers; a failure says what to do.</summary>
    public async Task<ClusterMonitor> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ImmutableArray<string> nodes = parsed.GetValue(_node) is { Length: > 0 } named
            ? [.. named]
            : [.. (console.Variable("FLOTILLA_NODE") is { Length: > 0 } variable ? variable : DefaultNode).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)];
        foreach (var node in nodes)
            RequireAddress(node);
        var options = new GroupClientOptions { Nodes = nodes, Name = "flotilla", Secret = Security.ReadSecret(parsed), Tls = Security.ReadTls(parsed) };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            return await ClusterMonitor.ConnectAsync(options, patience.Token);
        }
        catch (Exception failure) when (failure is SocketException or EndOfStreamException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = failure is OperationCanceledException ? "no answer" : failure.Message;
            throw new CliException(
                ExitCode.NoServer, $"no node of a group at {string.Join(", ", nodes)}: {why}",
                "Is it running? Start one with 'flotilla group run', or name another with --node HOST:PORT. A node with certificates needs --tls-ca, --tls-certificate.");
        }
        catch (InvalidDataException refusal)
        {
            var isSecret = refusal.Message.Contains("secret", StringComparison.Ordinal);
            throw new CliException(isSecret ? ExitCode.NotAuthorized : ExitCode.Refused, $"{string.Join(", ", nodes)}: {refusal.Message}", isSecret ? GroupSecurityOptions.SecretHint : null);
        }
        catch (AuthenticationException tls)
        {
            throw new CliException(ExitCode.NotAuthorized, $"{string.Join(", ", nodes)}: {tls.Message}", "Nodes and clients show certificates of one authority: --tls-ca, --tls-certificate, --tls-key.");
        }
    }
}
