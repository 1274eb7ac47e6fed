using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// SUBMIT_JOB_SCHED (35), client to server: a recurring background job. No C server ever implemented it; ours takes every field as cron
/// does (<c>*</c> or empty for any, lists, ranges, steps), in UTC. Answered with JOB_CREATED, whose handle is the schedule's, or ERROR.
/// <code>function \0 unique \0 minute \0 hour \0 day of month \0 month \0 day of week \0 data</code>
/// Source: PROTOCOL, "Client Requests".
/// </summary>
public readonly ref struct SubmitJobSchedPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The unique key; empty for none, <c>-</c> for "the payload is the key".</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>0-59.</summary>
    public ReadOnlySpan<byte> Minute { get; private init; }

    /// <summary>0-23.</summary>
    public ReadOnlySpan<byte> Hour { get; private init; }

    /// <summary>1-31.</summary>
    public ReadOnlySpan<byte> DayOfMonth { get; private init; }

    /// <summary>1-12.</summary>
    public ReadOnlySpan<byte> Month { get; private init; }

    /// <summary>0-6, 0 is Monday.</summary>
    public ReadOnlySpan<byte> DayOfWeek { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out SubmitJobSchedPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function)
            || !arguments.TryNext(out var unique)
            || !arguments.TryNext(out var minute)
            || !arguments.TryNext(out var hour)
            || !arguments.TryNext(out var dayOfMonth)
            || !arguments.TryNext(out var month)
            || !arguments.TryNext(out var dayOfWeek))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new SubmitJobSchedPacket
        {
            Function = function,
            Unique = unique,
            Minute = minute,
            Hour = hour,
            DayOfMonth = dayOfMonth,
            Month = month,
            DayOfWeek = dayOfWeek,
            Data = arguments.Last,
        };
        return true;
    }

    /// <summary>Writes this packet; its fields may come from a parsed one or from <see cref="Create"/>.</summary>
    public void Write(ByteQueue output)
    {
        var fields = Minute.Length + Hour.Length + DayOfMonth.Length + Month.Length + DayOfWeek.Length;
        var terminated = Function.Length + Unique.Length + fields + 7;
        var body = new PacketBody(output, PacketMagic.Request, PacketType.SubmitJobSched, terminated, Data.Length);
        body.Put(Function);
        body.Put(Unique);
        body.Put(Minute);
        body.Put(Hour);
        body.Put(DayOfMonth);
        body.Put(Month);
        body.Put(DayOfWeek);
        body.End(Data);
    }

    public static SubmitJobSchedPacket Create(
        ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> minute, ReadOnlySpan<byte> hour,
        ReadOnlySpan<byte> dayOfMonth, ReadOnlySpan<byte> month, ReadOnlySpan<byte> dayOfWeek, ReadOnlySpan<byte> data)
        => new()
        {
            Function = function,
            Unique = unique,
            Minute = minute,
            Hour = hour,
            DayOfMonth = dayOfMonth,
            Month = month,
            DayOfWeek = dayOfWeek,
            Data = data,
        };
}
