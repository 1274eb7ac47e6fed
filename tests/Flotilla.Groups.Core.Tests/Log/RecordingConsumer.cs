using System.Text;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>Stands in for the group layer: its state is the list of what was delivered.</summary>
internal sealed class RecordingConsumer(NodeContext context, IReplicatedLog log, Func<NodeId, RecordingConsumer?> other) : ILogConsumer
{
    private readonly StringBuilder _recovered = new();

    /// <summary>Messages and views, in order, since the state began.</summary>
    public List<string> State { get; private set; } = [];

    /// <summary>As of this sequence.</summary>
    public ulong At { get; private set; }

    public ClusterView? View { get; private set; }

    public List<string> Evictions { get; } = [];

    public int Loads { get; private set; }

    public ClusterView? NeedsState { get; private set; }

    /// <summary>What the disk had of an earlier life when this one came as a newcomer.</summary>
    public List<string> Aside { get; private set; } = [];

    public IReplicatedLog Log { get; } = log;

    public void OnMessage(in LogEntry entry)
    {
        Assert.True(entry.Sequence > At);
        At = entry.Sequence;
        State.Add($"{entry.Sequence} {entry.Sender.Node.Value}.{entry.Sender.Incarnation}/{entry.Number} {Encoding.ASCII.GetString(entry.Body)}");
    }

    public void OnView(ClusterView view, ClusterView? before)
    {
        View = view;
        if (NeedsState is null && !(before is null && view.Epoch > 1 && !view.IsRecovery))
        {
            Assert.True(view.StartSequence > At);
            State.Add($"{view.StartSequence} view {view.Epoch}");
            At = view.StartSequence;
        }
    }

    public void OnStateNeeded(ClusterView view) => NeedsState = view;

    public void OnRecoveredState(ulong sequence, ReadOnlySpan<byte> piece, bool isLast)
    {
        _recovered.Append(Encoding.ASCII.GetString(piece));
        if (!isLast)
            return;
        State = _recovered.Length == 0 ? [] : [.. _recovered.ToString().Split('\n')];
        At = sequence;
        _recovered.Clear();
    }

    public void OnSetAside()
    {
        Aside = State;
        (State, At, View) = ([], 0, null);
    }

    public void OnEvicted(string why)
    {
        Evictions.Add(why);
        State = [];
        At = 0;
        NeedsState = null;
        View = null;
    }

    public void OnCheckpointDue()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Join('\n', State));
        var half = bytes.Length / 2;
        var at = Log.DeliveredTo;
        Log.PersistCheckpoint(at, bytes.AsSpan(0, half), isLast: false);
        Log.PersistCheckpoint(at, bytes.AsSpan(half), isLast: true);
    }

    public void OnDirect(NodeId from, ReadOnlySpan<byte> body)
    {
    }

    public void OnRoom()
    {
    }

    /// <summary>A state transfer that takes one tick and a member that has the view.</summary>
    public void OnTick()
    {
        if (NeedsState is not { } view)
            return;
        foreach (var member in view.Members)
        {
            if (member.Id == context.Self || other(member.Id.Node) is not { NeedsState: null } donor || donor.Log.Self != member.Id || donor.At < view.StartSequence || !Log.Holds(donor.At))
                continue;
            Loads++;
            NeedsState = null;
            State = [.. donor.State];
            At = donor.At;
            Log.StateLoaded(At);
            return;
        }
    }
}
