using System.Text;
using Flotilla.Gearman.Connections;

namespace Flotilla.Gearman.Client;

/// <summary>A text command with an answer of one line.</summary>
internal sealed class PendingLine : PendingReply
{
    private readonly TaskCompletionSource<string> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Answer => _answered.Task;

    public override void OnAnswer(in IncomingPacket packet)
        => throw new GearmanProtocolException($"{packet.Type} where a text line must answer");

    public override void OnLine(ReadOnlySpan<byte> line) => _answered.TrySetResult(Encoding.UTF8.GetString(line));

    public override void OnFailure(Exception reason)
    {
        _answered.TrySetException(reason);
        // Seen, even when the caller has gone meanwhile.
        _ = _answered.Task.Exception;
    }
}
