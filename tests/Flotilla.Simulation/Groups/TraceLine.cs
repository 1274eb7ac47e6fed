using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// The line format of a trace: <c>at process kind key=value ...</c>, separated by single spaces. Times in nanoseconds of one clock, ids in
/// hexadecimal, text percent-escaped. Described in docs/design/groups-simulation.md.
/// </summary>
public static class TraceLine
{
    public static string Write(in TraceEvent line)
    {
        var text = new StringBuilder(96);
        text.Append(CultureInfo.InvariantCulture, $"{line.AtNs} {(line.Process < 0 ? "world" : "p" + line.Process.ToString(CultureInfo.InvariantCulture))} {Word(line.Kind)}");
        if (line.Member != default)
            text.Append(CultureInfo.InvariantCulture, $" id={line.Member}");
        if (line.Ballot != default)
            text.Append(CultureInfo.InvariantCulture, $" ballot={line.Ballot}");
        Add(text, "epoch", line.Epoch);
        Add(text, "seq", line.Sequence);
        if (line.Group is not null)
            text.Append(" group=").Append(Uri.EscapeDataString(line.Group));
        Add(text, "msg", line.Message);
        if (line.Hash != 0)
            text.Append(CultureInfo.InvariantCulture, $" hash={line.Hash:x}");
        Add(text, "n", line.Number);
        Add(text, "token", line.Token);
        if (line.UntilNs != 0)
            text.Append(CultureInfo.InvariantCulture, $" until={line.UntilNs}");
        if (line.Delivery != default)
            text.Append(CultureInfo.InvariantCulture, $" class={line.Delivery}");
        if (line.Operation != default)
            text.Append(CultureInfo.InvariantCulture, $" op={line.Operation}");
        if (line.Result != default)
            text.Append(CultureInfo.InvariantCulture, $" result={line.Result}");
        if (line.IsReplay)
            text.Append(" replay=1");
        if (line.View is not null)
            text.Append(" view=").Append(WriteView(line.View));
        if (line.Text is not null)
            text.Append(" text=").Append(Uri.EscapeDataString(line.Text));
        return text.ToString();
    }

    /// <summary>Reads a line; throws <see cref="FormatException"/> with the reason when it is none.</summary>
    public static TraceEvent Read(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length < 3)
            throw new FormatException($"a trace line has a time, a process and a kind: {line}");
        if (!Enum.TryParse<TraceKind>(parts[2], ignoreCase: true, out var kind))
            throw new FormatException($"no kind of trace line: {parts[2]}");
        var read = new TraceEvent
        {
            AtNs = long.Parse(parts[0], CultureInfo.InvariantCulture),
            Process = parts[1] == "world" ? -1 : int.Parse(parts[1].AsSpan(1), CultureInfo.InvariantCulture),
            Kind = kind,
        };
        foreach (var part in parts.AsSpan(3))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new FormatException($"no key=value: {part}");
            read = With(read, part[..equals], part[(equals + 1)..]);
        }

        return read;
    }

    private static TraceEvent With(in TraceEvent read, string key, string value) => key switch
    {
        "id" => read with { Member = ReadMember(value) },
        "ballot" => read with { Ballot = ReadBallot(value) },
        "epoch" => read with { Epoch = Number(value) },
        "seq" => read with { Sequence = Number(value) },
        "group" => read with { Group = Uri.UnescapeDataString(value) },
        "msg" => read with { Message = Number(value) },
        "hash" => read with { Hash = ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) },
        "n" => read with { Number = Number(value) },
        "token" => read with { Token = Number(value) },
        "until" => read with { UntilNs = long.Parse(value, CultureInfo.InvariantCulture) },
        "class" => read with { Delivery = Enum.Parse<Delivery>(value) },
        "op" => read with { Operation = Enum.Parse<TraceOperation>(value) },
        "result" => read with { Result = Enum.Parse<CommandResult>(value) },
        "replay" => read with { IsReplay = value == "1" },
        "view" => read with { View = ReadView(value) },
        "text" => read with { Text = Uri.UnescapeDataString(value) },
        _ => throw new FormatException($"no key of a trace line: {key}"),
    };

    private static string Word(TraceKind kind) => kind.ToString().ToLowerInvariant();

    private static void Add(StringBuilder text, string key, ulong value)
    {
        if (value != 0)
            text.Append(CultureInfo.InvariantCulture, $" {key}={value}");
    }

    private static ulong Number(string value) => ulong.Parse(value, CultureInfo.InvariantCulture);

    private static MemberId ReadMember(string value)
    {
        var dot = value.IndexOf('.', StringComparison.Ordinal);
        return new MemberId(new NodeId(ulong.Parse(value.AsSpan(0, dot), NumberStyles.HexNumber, CultureInfo.InvariantCulture)), uint.Parse(value.AsSpan(dot + 1), CultureInfo.InvariantCulture));
    }

    // epoch.round.proposer
    private static Ballot ReadBallot(string value)
    {
        var parts = value.Split('.');
        if (parts.Length != 3)
            throw new FormatException($"no ballot: {value}");
        return new Ballot(Number(parts[0]), uint.Parse(parts[1], CultureInfo.InvariantCulture), new NodeId(Hex(parts[2])));
    }

    // cluster/epoch/start/sequencer/recovery/member:role:weight,...
    private static string WriteView(ClusterView view)
        => string.Create(CultureInfo.InvariantCulture, $"{view.Cluster}/{view.Epoch}/{view.StartSequence}/{view.Sequencer}/{(view.IsRecovery ? 1 : 0)}/")
            + string.Join(',', view.Members.Select(member => $"{member.Id}:{(member.Role == MemberRole.Voter ? 'v' : 'l')}:{member.Weight.ToString(CultureInfo.InvariantCulture)}"));

    private static ClusterView ReadView(string value)
    {
        var parts = value.Split('/');
        return new ClusterView
        {
            Cluster = new ClusterId(Hex(parts[0][..16]), Hex(parts[0][16..])),
            Epoch = Number(parts[1]),
            StartSequence = Number(parts[2]),
            Sequencer = new NodeId(Hex(parts[3])),
            IsRecovery = parts[4] == "1",
            Members = parts[5].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(member =>
            {
                var fields = member.Split(':');
                return new ClusterMember(ReadMember(fields[0]), "", "", fields[1] == "v" ? MemberRole.Voter : MemberRole.Learner, int.Parse(fields[2], CultureInfo.InvariantCulture));
            }).ToImmutableArray(),
        };
    }

    private static ulong Hex(string value) => ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
