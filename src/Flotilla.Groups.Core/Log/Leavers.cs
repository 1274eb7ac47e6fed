using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>Members that want out, this one too: it goes on until a view is without it, but not for ever.</summary>
internal sealed class Leavers(LogState state)
{
    private readonly List<MemberId> _leaving = [];
    private long _beganNs;
    private long _saidNs = long.MinValue / 2;

    public bool Includes(MemberId id) => _leaving.Contains(id);

    public void OnLeave(NodeId from, in LeaveFrame frame)
    {
        var id = new MemberId(from, frame.Incarnation);
        if (frame.Epoch == state.Epoch && state.Current?.View.Contains(id) == true && !_leaving.Contains(id))
            _leaving.Add(id);
    }

    public void OnInstalled(ClusterView view) => _leaving.RemoveAll(id => !view.Contains(id));

    public void Begin()
    {
        if (state.IsLeaving)
            return;
        state.IsLeaving = true;
        _beganNs = state.Context.NowNs;
    }

    /// <summary>Says so, again and again. True when there is nothing to wait for any more.</summary>
    public bool IsDone()
    {
        Invariant.Require(state.IsLeaving);
        if (!state.IsMember || state.Disk.HasFailed || state.Current!.View.Members.All(member => member.Id == state.Self || Includes(member.Id)))
            return true;
        Say(isUnfit: false);
        return state.Context.NowNs - _beganNs > 4 * state.Context.Options.SuspectNs;
    }

    public void Say(bool isUnfit)
    {
        if (state.Context.NowNs - _saidNs < state.Context.Options.HeartbeatNs)
            return;
        _saidNs = state.Context.NowNs;
        foreach (var member in state.Current!.View.Members)
        {
            if (member.Id.Node == state.Self.Node)
                continue;
            new LeaveFrame(state.Epoch, state.Self.Incarnation, isUnfit).Write(state.Builder);
            state.Send(member.Id.Node, FrameType.Leave);
        }
    }
}
