using System.Buffers;
using System.Runtime.InteropServices;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>
/// The system calls of the epoll loop, as safe methods over spans. Everything that points at memory is in this one file. It earns its place:
/// the same loop over .NET's sockets needs twice the processor time per message (`./bench`, "sockets").
/// </summary>
internal static unsafe partial class Libc
{
    public const int EAgain = 11;
    public const int EIntr = 4;
    public const int EnFile = 23;
    public const int EmFile = 24;
    public const int ENoMem = 12;
    public const int EConnAborted = 103;
    public const int EProto = 71;
    public const int EPipe = 32;
    public const int EConnRefused = 111;
    public const int EInProgress = 115;
    public const int ENoBufs = 105;

    public const uint EpollIn = 0x001;
    public const uint EpollOut = 0x004;
    public const uint EpollErr = 0x008;
    public const uint EpollHup = 0x010;
    public const uint EpollRdHup = 0x2000;
    public const uint EpollEdge = 1u << 31;

    /// <summary>Pieces that one gathering write takes; more go with the next call.</summary>
    public const int MaxPieces = 64;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int SocketAddressSizeBytes = 128;
    private const int SolSocket = 1;
    private const int SoError = 4;
    private const int ShutWrite = 1;

    /// <summary>The kernel packs epoll_event on x86-64 and nowhere else.</summary>
    private static readonly int EventSizeBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static readonly int EventDataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>True where the constants and layouts above are known to hold.</summary>
    public static bool HasEpoll { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The error of the last call on this thread that returned a negative number.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    public static int CreateEpoll() => epoll_create1(CloseOnExec);

    public static int CreateEventDescriptor() => eventfd(0, CloseOnExec | NonBlocking);

    public static byte[] AllocateEvents(int count) => GC.AllocateUninitializedArray<byte>(count * EventSizeBytes, pinned: true);

    public static uint EventFlags(byte[] events, int index) => MemoryMarshal.Read<uint>(events.AsSpan(index * EventSizeBytes));

    public static ulong EventData(byte[] events, int index)
        => MemoryMarshal.Read<ulong>(events.AsSpan((index * EventSizeBytes) + EventDataOffset));

    public static int Wait(int epoll, byte[] events, int timeoutMs)
    {
        fixed (byte* first = events)
            return epoll_wait(epoll, first, events.Length / EventSizeBytes, timeoutMs);
    }

    public static int Add(int epoll, int descriptor, uint flags, ulong data) => Control(epoll, 1, descriptor, flags, data);

    public static int Modify(int epoll, int descriptor, uint flags, ulong data) => Control(epoll, 3, descriptor, flags, data);

    public static int Remove(int epoll, int descriptor) => Control(epoll, 2, descriptor, 0, 0);

    public static int Receive(int descriptor, Span<byte> target)
    {
        fixed (byte* first = target)
            return (int)recv(descriptor, first, (nuint)target.Length, 0);
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
            return (int)send(descriptor, first, (nuint)bytes.Length, NoSignal);
    }

    /// <summary>Sends from the first pieces of the queue in one call; the queue itself is not changed.</summary>
    public static int SendPieces(int descriptor, ByteQueue queue)
    {
        var count = Math.Min(queue.PieceCount, MaxPieces);
        var vectors = stackalloc IoVector[MaxPieces];
        var handles = ArrayPool<MemoryHandle>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
        {
            var piece = queue.Piece(i);
            handles[i] = piece.Pin();
            vectors[i] = new IoVector { Base = handles[i].Pointer, Length = (nuint)piece.Length };
        }

        var header = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        var sent = (int)sendmsg(descriptor, &header, NoSignal);
        var error = LastError;
        for (var i = 0; i < count; i++)
            handles[i].Dispose();
        ArrayPool<MemoryHandle>.Shared.Return(handles, clearArray: true);
        Marshal.SetLastPInvokeError(error);
        return sent;
    }

    /// <summary>Accepts one connection, non-blocking and closed on exec; the peer's address as the kernel wrote it.</summary>
    public static int Accept(int listener, Span<byte> address, out int addressLength)
    {
        Invariant.Require(address.Length >= SocketAddressSizeBytes);
        var length = address.Length;
        fixed (byte* first = address)
        {
            var descriptor = accept4(listener, first, &length, NonBlocking | CloseOnExec);
            addressLength = Math.Min(length, address.Length);
            return descriptor;
        }
    }

    public static int CreateSocket(int family, int protocol) => socket(family, 1 | NonBlocking | CloseOnExec, protocol);

    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* first = address)
            return connect(descriptor, first, address.Length);
    }

    /// <summary>How an asynchronous connect ended: 0 or an errno.</summary>
    public static int TakeSocketError(int descriptor)
    {
        var value = 0;
        var length = sizeof(int);
        return getsockopt(descriptor, SolSocket, SoError, &value, &length) < 0 ? LastError : value;
    }

    public static int GetOption(int descriptor, int level, int name)
    {
        var value = 0;
        var length = sizeof(int);
        return getsockopt(descriptor, level, name, &value, &length) < 0 ? -1 : value;
    }

    public static void SetOption(int descriptor, int level, int name, int value)
        => _ = setsockopt(descriptor, level, name, &value, sizeof(int));

    /// <summary>Whether something can be received, or accepted, right now.</summary>
    public static bool IsReadable(int descriptor)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = 1 };
        return poll(&entry, 1, 0) > 0;
    }

    public static void ShutdownSend(int descriptor) => _ = shutdown(descriptor, ShutWrite);

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>A descriptor that can be given up when the process has no other left.</summary>
    public static int OpenReserve()
    {
        fixed (byte* path = "/dev/null\0"u8)
            return open(path, CloseOnExec);
    }

    public static void Signal(int eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    private static int Control(int epoll, int operation, int descriptor, uint flags, ulong data)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = flags;
        *(ulong*)(entry + EventDataOffset) = data;
        return epoll_ctl(epoll, operation, descriptor, entry);
    }

    private struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Ancillary;
        public nuint AncillaryLength;
        public int Flags;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int maximum, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* target, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* source, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int listener, byte* address, int* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int descriptor, byte* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int name, int* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int descriptor, int level, int name, int* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int descriptor, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ulong* source, nuint length);
}
