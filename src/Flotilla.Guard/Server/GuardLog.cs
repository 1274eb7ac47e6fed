namespace Flotilla.Guard;

/// <summary>
/// Lines in the server's log, for people. Written only after what they tell was done, as a write may wait for a disk; without allocating.
/// </summary>
internal sealed class GuardLog(int descriptor)
{
    private const int LineBytesMax = 256;

    public void Started(int process, GuardRole role, ulong epoch)
        => Write(process, role == GuardRole.Primary ? " is guarded as primary of epoch "u8 : " is guarded as replica of epoch "u8, epoch);

    public void Killed(int process, KillCause cause, ulong epoch)
    {
        var why = cause switch
        {
            KillCause.Deadline => " killed: its lease is over, epoch "u8,
            KillCause.Grace => " killed: it did not stop in time, epoch "u8,
            _ => " killed: its node said so, epoch "u8,
        };
        Write(process, why, epoch);
    }

    public void Ended(int process, ServerExit exit, int code)
    {
        var how = exit switch
        {
            ServerExit.Code => " ended with code "u8,
            ServerExit.Signal => " ended by signal "u8,
            _ => " ended; it was not our child, so the code is unknown: "u8,
        };
        Write(process, how, (uint)code);
    }

    private void Write(int process, ReadOnlySpan<byte> what, ulong number)
    {
        var line = new LogLine(stackalloc byte[LineBytesMax]);
        line.Add(DateTime.UtcNow);
        line.Add(" flotilla guard: process "u8);
        line.Add((uint)process);
        line.Add(what);
        line.Add(number);
        line.Add("\n"u8);
        Libc.Write(descriptor, line.Written);
    }
}
