using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>One input of <see cref="JobMachine.Step"/>. Borrowed bytes are valid for the duration of the step only.</summary>
public readonly ref struct JobServerInput
{
    private JobServerInput(JobServerInputKind kind, long nowMs)
    {
        Kind = kind;
        NowMs = nowMs;
    }

    public JobServerInputKind Kind { get; }

    /// <summary>Milliseconds since the Unix epoch; never less than in the input before.</summary>
    public long NowMs { get; }

    public ConnectionId Connection { get; private init; }

    public ConnectionInfo? Info { get; private init; }

    public PacketMagic Magic { get; private init; }

    public PacketType Type { get; private init; }

    /// <summary>The packet's body, or the line.</summary>
    public ReadOnlySpan<byte> Body { get; private init; }

    /// <summary>For the store's answers: the sequence number.</summary>
    public ulong Sequence { get; private init; }

    /// <summary>For <see cref="JobServerInputKind.StoreFailed"/>: why, in words for the submitter.</summary>
    public string? Reason { get; private init; }

    /// <summary>For <see cref="JobServerInputKind.Replayed"/>.</summary>
    public StoredRecord Record { get; private init; }

    public static JobServerInput Connected(long nowMs, ConnectionId connection, ConnectionInfo info)
        => new(JobServerInputKind.Connected, nowMs) { Connection = connection, Info = info };

    public static JobServerInput Packet(long nowMs, ConnectionId connection, PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
        => new(JobServerInputKind.Packet, nowMs) { Connection = connection, Magic = magic, Type = type, Body = body };

    public static JobServerInput Line(long nowMs, ConnectionId connection, ReadOnlySpan<byte> line)
        => new(JobServerInputKind.Line, nowMs) { Connection = connection, Body = line };

    public static JobServerInput Disconnected(long nowMs, ConnectionId connection)
        => new(JobServerInputKind.Disconnected, nowMs) { Connection = connection };

    public static JobServerInput Tick(long nowMs) => new(JobServerInputKind.Tick, nowMs);

    public static JobServerInput StoreCommitted(long nowMs, ulong sequence)
        => new(JobServerInputKind.StoreCommitted, nowMs) { Sequence = sequence };

    public static JobServerInput StoreFailed(long nowMs, ulong sequence, string reason)
        => new(JobServerInputKind.StoreFailed, nowMs) { Sequence = sequence, Reason = reason };

    public static JobServerInput Replayed(long nowMs, StoredRecord record)
        => new(JobServerInputKind.Replayed, nowMs) { Record = record };

    public static JobServerInput Draining(long nowMs) => new(JobServerInputKind.Draining, nowMs);

    public static JobServerInput Stopping(long nowMs) => new(JobServerInputKind.Stopping, nowMs);
}
