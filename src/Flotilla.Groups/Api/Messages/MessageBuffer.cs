using System.Buffers;

namespace Flotilla.Groups;

/// <summary>Buffers that messages are written to, one per thread: used again, as a send copies what it needs.</summary>
internal static class MessageBuffer
{
    /// <summary>Larger ones are not kept.</summary>
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_kept;

    public static ArrayBufferWriter<byte> Rent()
    {
        // A serializer may send something itself.
        var buffer = t_kept ?? new ArrayBufferWriter<byte>(512);
        t_kept = null;
        return buffer;
    }

    public static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > KeptBytes)
            return;
        buffer.ResetWrittenCount();
        t_kept = buffer;
    }
}
