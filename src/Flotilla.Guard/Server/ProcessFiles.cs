using System.Buffers.Text;

namespace Flotilla.Guard;

/// <summary>What /proc tells of a process, read without allocating.</summary>
internal static class ProcessFiles
{
    /// <summary>Longer than the part of either file that is looked at.</summary>
    private const int FileBytesMax = 4096;

    /// <summary>Fields of <c>/proc/PID/stat</c> behind the name: the state is the third of all, the beginning the 22nd.</summary>
    private const int FieldsBetweenNameAndBeginning = 19;

    /// <summary>When it began, in ticks of the kernel since the host was started; 0 when there is no such process.</summary>
    public static ulong Began(int process)
    {
        Span<byte> file = stackalloc byte[FileBytesMax];
        var text = Read(process, "/stat\0"u8, file);
        text = text[(text.LastIndexOf((byte)')') + 1)..].TrimStart((byte)' ');
        for (var field = 0; field < FieldsBetweenNameAndBeginning; field++)
            text = text[(text.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(text, out ulong ticks, out _) ? ticks : 0;
    }

    /// <summary>Whether its effective user is that one.</summary>
    public static bool IsOfUser(int process, uint user)
    {
        Span<byte> file = stackalloc byte[FileBytesMax];
        var text = Read(process, "/status\0"u8, file);
        var at = text.IndexOf("\nUid:\t"u8);
        if (at < 0)
            return false;
        text = text[(at + "\nUid:\t"u8.Length)..];
        text = text[(text.IndexOf((byte)'\t') + 1)..];
        return Utf8Parser.TryParse(text, out uint effective, out _) && effective == user;
    }

    private static ReadOnlySpan<byte> Read(int process, ReadOnlySpan<byte> nameWithZero, Span<byte> file)
    {
        Span<byte> path = stackalloc byte[32];
        "/proc/"u8.CopyTo(path);
        _ = Utf8Formatter.TryFormat(process, path["/proc/"u8.Length..], out var digits);
        nameWithZero.CopyTo(path[("/proc/"u8.Length + digits)..]);
        var descriptor = Libc.OpenForReading(path);
        if (descriptor < 0)
            return default;
        var length = Libc.Read(descriptor, file);
        Libc.Close(descriptor);
        return file[..Math.Max(length, 0)];
    }
}
