using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Hosting;

/// <summary>
/// A connection without a socket that gives one text command or packet. Its end is found by an echo sent behind it: answers keep the order of
/// requests, whatever the command.
/// </summary>
internal sealed class LocalPeer(ServerLoop loop, MachineGate gate) : ServerConnection(loop)
{
    private readonly TaskCompletionSource<byte[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryStream _received = new();
    private readonly byte[] _end = MakeEnd();
    private bool _isOver;

    public static ConnectionInfo Info { get; } = new("127.0.0.1", 0);

    public Task<byte[]> Answer => _answer.Task;

    public override ByteQueue MachineOutput { get; } = new();

    /// <summary>Under the lock, once it is known to the machine.</summary>
    public void Ask(ReadOnlySpan<byte> line, long nowMs)
    {
        gate.Machine.Step(JobServerInput.Line(nowMs, Id, line), gate);
        AskForEnd(nowMs);
    }

    /// <summary>As the other, with a packet.</summary>
    public void Ask(PacketType type, ReadOnlySpan<byte> body, long nowMs)
    {
        gate.Machine.Step(JobServerInput.Packet(nowMs, Id, PacketMagic.Request, type, body), gate);
        AskForEnd(nowMs);
    }

    /// <summary>The server stops before the answer was complete.</summary>
    public void Abandon() => _answer.TrySetException(new InvalidOperationException("the server stops"));

    public override void EndByMachine(CloseReason reason, string? why) => Complete(_received.ToArray());

    public override void Finish(long nowMs)
    {
        while (!MachineOutput.IsEmpty)
        {
            _received.Write(MachineOutput.Head);
            MachineOutput.Consume(MachineOutput.Head.Length);
        }

        var all = _received.GetBuffer().AsSpan(0, (int)_received.Length);
        if (!_isOver && all.EndsWith(_end))
            Complete(all[..^_end.Length].ToArray());
        if (_isOver)
            gate.End(this, nowMs);
    }

    private void AskForEnd(long nowMs)
        => gate.Machine.Step(
            JobServerInput.Packet(nowMs, Id, PacketMagic.Request, PacketType.EchoReq, _end.AsSpan(PacketHeader.SizeBytes)), gate);

    private void Complete(byte[] answer)
    {
        _isOver = true;
        _answer.TrySetResult(answer);
        Loop.Touch(this);
    }

    private static byte[] MakeEnd()
    {
        var queue = new ByteQueue();
        PacketWriter.Write(queue, PacketMagic.Response, PacketType.EchoRes, Guid.NewGuid().ToByteArray());
        var end = queue.ToArray();
        queue.Clear();
        return end;
    }
}
