using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>Frames of a view change: a proposer is its own acceptor too, and hears itself after the step at work.</summary>
internal sealed class ChangeMail(LogState state)
{
    private readonly Queue<(FrameType Type, byte[] Body)> _toSelf = new();

    /// <summary>Sends what was built, to any node.</summary>
    public void Send(NodeId to, FrameType type)
    {
        if (to == state.Identity.Node)
            _toSelf.Enqueue((type, state.Builder.Body.ToArray()));
        else
            state.Send(to, type);
    }

    public bool TryTake(out FrameType type, out byte[] body)
    {
        var isAny = _toSelf.TryDequeue(out var mail);
        (type, body) = mail;
        return isAny;
    }
}
