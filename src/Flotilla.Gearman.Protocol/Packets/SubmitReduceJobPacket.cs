using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// SUBMIT_REDUCE_JOB (37) and SUBMIT_REDUCE_JOB_BACKGROUND (38), client to server: a job whose worker splits it and has the parts'
/// results merged by the reducer. Answered with JOB_CREATED or ERROR.
/// <code>function \0 unique \0 reducer \0 aggregator \0 data</code>
/// The protocol text knows no aggregator, but every implementation sends one (usually empty), and a body without it is one zero byte short.
/// Source: libgearman's and gearmand's behaviour.
/// </summary>
public readonly ref struct SubmitReduceJobPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    /// <summary>The unique key; empty for none, <c>-</c> for "the payload is the key".</summary>
    public ReadOnlySpan<byte> Unique { get; private init; }

    /// <summary>The function that merges results.</summary>
    public ReadOnlySpan<byte> Reducer { get; private init; }

    /// <summary>Unused by servers.</summary>
    public ReadOnlySpan<byte> Aggregator { get; private init; }

    /// <summary>The payload, opaque; zero bytes allowed.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out SubmitReduceJobPacket packet, out ProtocolError error)
    {
        packet = default;
        error = default;
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var function)
            || !arguments.TryNext(out var unique)
            || !arguments.TryNext(out var reducer)
            || !arguments.TryNext(out var aggregator))
        {
            error = arguments.Missing;
            return false;
        }

        packet = new SubmitReduceJobPacket
        {
            Function = function,
            Unique = unique,
            Reducer = reducer,
            Aggregator = aggregator,
            Data = arguments.Last,
        };
        return true;
    }

    public static void Write(
        ByteQueue output, PacketType type, ReadOnlySpan<byte> function, ReadOnlySpan<byte> unique, ReadOnlySpan<byte> reducer,
        ReadOnlySpan<byte> aggregator, ReadOnlyMemory<byte> data)
    {
        Invariant.Require(type is PacketType.SubmitReduceJob or PacketType.SubmitReduceJobBackground);
        var terminated = function.Length + unique.Length + reducer.Length + aggregator.Length + 4;
        var body = new PacketBody(output, PacketMagic.Request, type, terminated, data.Length, mayShare: true);
        body.Put(function);
        body.Put(unique);
        body.Put(reducer);
        body.Put(aggregator);
        body.End(data);
    }
}
