namespace Flotilla.Guard;

/// <summary>Whether a process has ended. One that its parent has not taken notice of keeps its number, sometimes for seconds, and holds nothing any more.</summary>
public static class ProcessEnd
{
    private const short Readable = 1;

    public static bool HasEnded(int process)
    {
        if (Libc.OpenProcess(process) is not (>= 0 and var descriptor))
            return !Directory.Exists($"/proc/{process}");
        var ended = Libc.Poll([new PollEntry { Descriptor = descriptor, Events = Readable }], timeoutMs: 0) > 0;
        Libc.Close(descriptor);
        return ended;
    }
}
