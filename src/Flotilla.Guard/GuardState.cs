using System.Buffers.Binary;

namespace Flotilla.Guard;

/// <summary>
/// What a guard knows. Times are nanoseconds of <see cref="BootClock"/>, 0 when it did not happen. Byte layout: docs/protocols/guard.md, "State".
/// </summary>
public readonly record struct GuardState
{
    /// <summary>Later versions may only add bytes at the end.</summary>
    internal const int SizeBytes = 64;

    /// <summary>Why this was told.</summary>
    public GuardChange Change { get; init; }

    public GuardedPhase Phase { get; init; }

    /// <summary>The role that the server was started in.</summary>
    public GuardRole Role { get; init; }

    public GuardFlags Flags { get; init; }

    public KillCause Killed { get; init; }

    public ServerExit Exit { get; init; }

    /// <summary>The exit code, or the signal's number.</summary>
    public int ExitCode { get; init; }

    public int GuardProcess { get; init; }

    /// <summary>The server's process, also after it ended.</summary>
    public int ServerProcess { get; init; }

    /// <summary>The newest epoch that any request named.</summary>
    public ulong Epoch { get; init; }

    /// <summary>When the server is killed, by the lease of that epoch; 0: never. It stays when the server has ended.</summary>
    public long DeadlineNs { get; init; }

    public long StartedNs { get; init; }

    public long KilledNs { get; init; }

    public long EndedNs { get; init; }

    /// <summary>Whether the server may still acknowledge commits: it runs, and no SIGKILL was sent.</summary>
    public bool IsAlive => Phase == GuardedPhase.Running && Killed == KillCause.None;

    internal void Write(Span<byte> target)
    {
        target[0] = (byte)Change;
        target[1] = (byte)Phase;
        target[2] = (byte)Role;
        target[3] = (byte)Flags;
        target[4] = (byte)Killed;
        target[5] = (byte)Exit;
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], ExitCode);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], GuardProcess);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], ServerProcess);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], DeadlineNs);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], StartedNs);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], KilledNs);
        BinaryPrimitives.WriteInt64LittleEndian(target[56..], EndedNs);
    }

    internal static bool TryRead(ReadOnlySpan<byte> source, out GuardState state)
    {
        state = default;
        if (source.Length < SizeBytes || !AreKnown(source))
            return false;
        state = new GuardState
        {
            Change = (GuardChange)source[0],
            Phase = (GuardedPhase)source[1],
            Role = (GuardRole)source[2],
            Flags = (GuardFlags)source[3],
            Killed = (KillCause)source[4],
            Exit = (ServerExit)source[5],
            ExitCode = BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            GuardProcess = BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            ServerProcess = BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            DeadlineNs = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            StartedNs = BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            KilledNs = BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            EndedNs = BinaryPrimitives.ReadInt64LittleEndian(source[56..]),
        };
        return true;
    }

    private static bool AreKnown(ReadOnlySpan<byte> source)
        => source[0] <= (byte)GuardChange.Superseded && source[1] <= (byte)GuardedPhase.Ended && source[2] <= (byte)GuardRole.Replica
            && source[4] <= (byte)KillCause.Grace && source[5] <= (byte)ServerExit.Unknown;
}
