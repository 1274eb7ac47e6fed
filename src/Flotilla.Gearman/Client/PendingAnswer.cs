using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Client;

/// <summary>A request with one answer packet of one type.</summary>
internal sealed class PendingAnswer<T>(PacketType expected, PendingAnswer<T>.Parser parse) : PendingReply
{
    private readonly TaskCompletionSource<T> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public delegate T Parser(in IncomingPacket packet);

    public Task<T> Answer => _answered.Task;

    public override void OnAnswer(in IncomingPacket packet)
    {
        if (packet.Type != expected)
            throw new GearmanProtocolException($"{packet.Type} where {expected} must answer");
        _answered.TrySetResult(parse(packet));
    }

    public override void OnFailure(Exception reason)
    {
        _answered.TrySetException(reason);
        // Seen, even when the caller has gone meanwhile.
        _ = _answered.Task.Exception;
    }
}
