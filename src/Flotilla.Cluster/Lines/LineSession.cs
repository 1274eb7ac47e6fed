using System.Globalization;
using System.Text;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Lines;

/// <summary>One connection's part of the membership protocol, without the connection: lines to answers.</summary>
public sealed class LineSession(AnnouncedServers announced, Func<ClusterTopology> topology)
{
    private string? _joined;

    /// <summary>The answer to a line without its end, with its own ends of lines.</summary>
    public string Answer(ReadOnlySpan<byte> line)
    {
        var problem = LineRequest.Parse(line, out var request);
        if (problem == LineProblem.None && request.Verb == LineVerb.ServerList)
            return List(topology());
        return Problem(problem == LineProblem.None ? Do(request) : problem);
    }

    public static string Problem(LineProblem problem) => string.Create(CultureInfo.InvariantCulture, $"{(int)problem} {Words(problem)}\n");

    private LineProblem Do(LineRequest request)
    {
        switch (request.Verb)
        {
            case LineVerb.Join:
                if (!announced.TryAnnounce(request.Announcement!))
                    return LineProblem.TooManyServers;
                if (_joined is { } before && before != request.Announcement!.Name)
                    announced.Withdraw(before);
                _joined = request.Announcement!.Name;
                return LineProblem.None;
            case LineVerb.Leave:
                var left = _joined;
                _joined = null;
                return left is not null && announced.Withdraw(left) ? LineProblem.None : LineProblem.NotJoined;
            case LineVerb.Heartbeat:
                return _joined is { } name && announced.Beat(name) ? LineProblem.None : LineProblem.NotJoined;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.Verb, null);
        }
    }

    private static string List(ClusterTopology topology)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"0 {topology.Members.Length}\n");
        foreach (var member in topology.Members)
        {
            var heard = member.LastHeartbeat?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "-";
            var lag = member.LagSeconds?.ToString(CultureInfo.InvariantCulture) ?? "-";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{member.Name} {member.Host} {member.Port} {LineWords.Of(member)} {LineWords.Of(member.Role)} {member.TtlSeconds} {heard} {member.Epoch} {lag}\n");
        }

        return text.ToString();
    }

    private static string Words(LineProblem problem) => problem switch
    {
        LineProblem.None => "ok",
        LineProblem.UnknownCommand => "unknown command: join, leave, heartbeat and serverlist are known",
        LineProblem.WrongArguments => "wrong arguments: join <host> <port> <status> <role>, the others have none",
        LineProblem.BadHost => "no name of a host",
        LineProblem.BadPort => "no port: 1 to 65535",
        LineProblem.BadStatus => "no status: on, off, starting, stopping or standby",
        LineProblem.BadRole => "no role: master, slave or standalone",
        LineProblem.NotJoined => "not joined, or expired",
        LineProblem.TooManyServers => "too many servers",
        LineProblem.LineTooLong => "line too long",
        LineProblem.TooManyConnections => "too many connections",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };
}
