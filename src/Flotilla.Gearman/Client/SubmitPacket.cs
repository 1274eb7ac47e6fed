using System.Buffers;
using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.Gearman.Client;

/// <summary>Writes the packets that submit jobs: function, unique, whatever the type has between, payload.</summary>
internal static class SubmitPacket
{
    /// <summary>Function, unique and the rest usually fit; longer ones rent.</summary>
    private const int StackBytes = 1024;

    public static PacketType Foreground(JobRequest request) => request.Reducer is not null
        ? PacketType.SubmitReduceJob
        : request.Priority switch
        {
            JobPriority.Normal => PacketType.SubmitJob,
            JobPriority.High => PacketType.SubmitJobHigh,
            JobPriority.Low => PacketType.SubmitJobLow,
            _ => throw new ArgumentException($"priority {request.Priority} is none of the three", nameof(request)),
        };

    public static PacketType Background(JobRequest request) => request.Reducer is not null
        ? PacketType.SubmitReduceJobBackground
        : request.Priority switch
        {
            JobPriority.Normal => PacketType.SubmitJobBg,
            JobPriority.High => PacketType.SubmitJobHighBg,
            JobPriority.Low => PacketType.SubmitJobLowBg,
            _ => throw new ArgumentException($"priority {request.Priority} is none of the three", nameof(request)),
        };

    /// <summary>
    /// What stands between unique and payload of reduce jobs: the reducer, and an aggregator that no server uses but all expect.
    /// </summary>
    public static string[] ReduceArguments(JobRequest request) => request.Reducer is null ? [] : [request.Reducer, ""];

    public static void Write(ByteQueue output, PacketType type, JobRequest request, ReadOnlySpan<string> between)
    {
        var size = Encoding.UTF8.GetMaxByteCount(request.Function.Length) + Encoding.UTF8.GetMaxByteCount(request.Unique.Length) + 2;
        foreach (var argument in between)
            size += Encoding.UTF8.GetMaxByteCount(argument.Length) + 1;
        var rented = size > StackBytes ? ArrayPool<byte>.Shared.Rent(size) : null;
        var head = rented ?? stackalloc byte[StackBytes];
        var length = Put(head, 0, request.Function);
        length = Put(head, length, request.Unique);
        foreach (var argument in between)
            length = Put(head, length, argument);
        PacketWriter.WriteHead(output, PacketMagic.Request, type, head[..length], request.Payload.Length);
        if (request.Payload.Length >= PacketWriter.SharePayloadFromBytes)
            output.AppendShared(request.Payload);
        else if (!request.Payload.IsEmpty)
            output.Append(request.Payload.Span);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private static int Put(Span<byte> head, int at, string argument)
    {
        at += Encoding.UTF8.GetBytes(argument, head[at..]);
        head[at] = 0;
        return at + 1;
    }
}
