using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>
/// Does the steps of one scenario to one server and writes the transcript. No step depends on time: after each, an ECHO goes
/// once around on the connection of the step and then on all others, so everything the step caused has arrived.
/// <code>
/// a> TYPE argument ...     a request; arguments are joined by NUL. `a> RES TYPE` sends it as a response
/// a> "text\r\n"            bytes as they stand
/// a>> ...                  sent and left unfinished: no barrier on this connection until its next step
/// a~> ...                  the server may stay silent for good: waits two seconds for anything, then leaves the connection alone
/// a? TYPE                  waits until such a message arrives, or the server closes the connection
/// a close                  ends the connection and waits until the server noticed
/// </code>
/// </summary>
internal sealed partial class ScenarioRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SilenceAfter = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<string, RawConnection> _connections = new(StringComparer.Ordinal);
    private readonly List<string> _transcript = [];
    private readonly Normaliser _normaliser = new();
    private readonly IPEndPoint _server;
    private readonly RawConnection _watcher;
    private int _barriers;

    private ScenarioRun(IPEndPoint server)
    {
        _server = server;
        _watcher = new RawConnection(server);
        _watcher.Send(WirePackets.Encode("REQ", "SET_CLIENT_ID", [Normaliser.Watcher]));
    }

    public static async Task<IReadOnlyList<string>> TranscriptAsync(Scenario scenario, IPEndPoint server)
    {
        using var run = new ScenarioRun(server);
        await run.ServerNoticedAsync(); // whoever probed the port is gone
        foreach (var step in scenario.Steps)
        {
            run._transcript.Add(step);
            if (!step.StartsWith('#'))
                await run.DoAsync(step);
        }

        return run._transcript;
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _watcher.Dispose();
    }

    private async Task DoAsync(string step)
    {
        var match = Step().Match(step);
        Assert.True(match.Success, $"a step looks like `a> ECHO_REQ hi`, not like `{step}`");
        var (name, verb, rest) = (match.Groups["who"].Value, match.Groups["verb"].Value, match.Groups["rest"].Value);
        if (!_connections.TryGetValue(name, out var connection))
            _connections[name] = connection = new RawConnection(_server);
        switch (verb)
        {
            case ">":
                connection.Unsynchronised = false;
                connection.Send(Bytes(rest));
                Synchronise(connection);
                break;
            case "~>":
                connection.Send(Bytes(rest));
                connection.Unsynchronised = !connection.ReceiveUntil(_ => true, SilenceAfter);
                break;
            case ">>":
                connection.Unsynchronised = true;
                connection.Send(Bytes(rest));
                break;
            case "?":
                if (!connection.ReceiveUntil(message => message.StartsWith(rest, StringComparison.Ordinal), Patience) && !connection.Closed)
                    _transcript.Add($"{name}< (never received)");
                break;
            default:
                connection.Dispose();
                _connections.Remove(name);
                await ServerNoticedAsync();
                break;
        }

        SynchroniseAll();
        await WriteDownAsync();
    }

    private string Bytes(string rest)
    {
        var tokens = ScenarioText.Split(rest).ConvertAll(_normaliser.Expand);
        if (rest.StartsWith('"'))
            return tokens[0];
        return string.Equals(tokens[0], "RES", StringComparison.Ordinal)
            ? WirePackets.Encode("RES", tokens[1], tokens.Skip(2))
            : WirePackets.Encode("REQ", tokens[0], tokens.Skip(1));
    }

    private void SynchroniseAll()
    {
        foreach (var connection in _connections.Values.Where(connection => !connection.Unsynchronised))
            Synchronise(connection);
    }

    private void Synchronise(RawConnection connection)
    {
        if (connection.Closed)
            return;
        var mark = string.Create(CultureInfo.InvariantCulture, $"barrier-{++_barriers}");
        var answer = "ECHO_RES " + mark;
        connection.Send(WirePackets.Encode("REQ", "ECHO_REQ", [mark]));
        if (!connection.ReceiveUntil(message => string.Equals(message, answer, StringComparison.Ordinal), Patience))
            connection.Unsynchronised = true;
        connection.Forget(answer);
    }

    private async Task WriteDownAsync()
    {
        foreach (var (name, connection) in _connections.ToArray())
        {
            _transcript.AddRange(_normaliser.Normalise(connection.Drain()).Select(line => $"{name}< {line}"));

            if (connection.Closed)
            {
                _transcript.Add($"{name}< (closed)");
                connection.Dispose();
                _connections.Remove(name);
                await ServerNoticedAsync();
                SynchroniseAll();
            }
            else if (connection.Unsynchronised && _transcript[^1].Contains("~> ", StringComparison.Ordinal))
            {
                _transcript.Add($"{name}< (silent)");
            }
        }
    }

    /// <summary>A server is done with a closed connection when `workers` no longer lists it.</summary>
    private Task ServerNoticedAsync() => Deadline.UntilAsync(
        () =>
        {
            _watcher.Send("workers\r\n");
            Assert.True(_watcher.ReceiveUntil(message => message.StartsWith("\".", StringComparison.Ordinal), Patience), "`workers` got no answer");
            return _watcher.Drain().Count - 1 == _connections.Count + 1;
        },
        "the server let go of a closed connection");

    [GeneratedRegex("^(?<who>[a-z]+[0-9]*) ?(?<verb>>>|~>|>|\\?|close) ?(?<rest>.*)$", RegexOptions.NonBacktracking)]
    private static partial Regex Step();
}
