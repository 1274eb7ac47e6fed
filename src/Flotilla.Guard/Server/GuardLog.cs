using System.Text.Unicode;

namespace Flotilla.Guard;

/// <summary>
/// Lines in the server's log, for people. Written only after what they tell was done, as a write may wait for a disk; without allocating.
/// </summary>
internal sealed class GuardLog(int descriptor)
{
    private const int LineBytesMax = 256;

    public void Started(int process, GuardRole role, ulong epoch)
    {
        Span<byte> line = stackalloc byte[LineBytesMax];
        if (Utf8.TryWrite(line, $"{Now:O} flotilla guard: process {process}, role {Word(role)} of epoch {epoch}\n", out var length))
            Libc.Write(descriptor, line[..length]);
    }

    public void Killed(int process, KillCause cause, ulong epoch)
    {
        Span<byte> line = stackalloc byte[LineBytesMax];
        if (Utf8.TryWrite(line, $"{Now:O} flotilla guard: process {process} killed: {Word(cause)} (epoch {epoch})\n", out var length))
            Libc.Write(descriptor, line[..length]);
    }

    public void Ended(int process, ServerExit exit, int code)
    {
        Span<byte> line = stackalloc byte[LineBytesMax];
        if (Utf8.TryWrite(line, $"{Now:O} flotilla guard: process {process} ended: {Word(exit)} {code}\n", out var length))
            Libc.Write(descriptor, line[..length]);
    }

    /// <summary>For people only: nothing is decided by it.</summary>
    private static DateTime Now => DateTime.UtcNow;

    private static string Word(GuardRole role) => role == GuardRole.Primary ? "primary" : "replica";

    private static string Word(KillCause cause) => cause switch
    {
        KillCause.Deadline => "its lease is over",
        KillCause.Grace => "it did not stop in time",
        _ => "its node said so",
    };

    private static string Word(ServerExit exit) => exit switch
    {
        ServerExit.Code => "exit code",
        ServerExit.Signal => "signal",
        _ => "not our child, code unknown",
    };
}
