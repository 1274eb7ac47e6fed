using Flotilla.Groups.Core;
using Flotilla.Groups.Hosting;
using Flotilla.Primitives;

namespace Flotilla.Bench.Groups;

/// <summary>The application of a probe: counts what is delivered, sends again when a message of its own comes back.</summary>
internal sealed class ProbeObserver : INodeObserver
{
    private const ulong JoinToken = 1;
    private const ulong FloodToken = 2;

    /// <summary>Messages of its own that may be on their way: enough to keep all busy.</summary>
    private const int FloodMessages = 512;
    private const int FloodBytes = 1 << 20;

    private NodeRuntime _runtime = null!;
    private byte[] _body = [];
    private Delivery _delivery;
    private long[]? _times;
    private int _timed;
    private long _sentNs;
    private TaskCompletionSource<long[]> _chain = new();
    private volatile bool _isFlooding;
    private long _delivered;
    private long _lastOwnNs;
    private bool _isWatching;

    public uint Group { get; private set; }

    public volatile int Members;

    public int LeastMembers { get; private set; }

    public long LongestGapNs { get; private set; }

    public long Delivered => Volatile.Read(ref _delivered);

    public void Begin(NodeRuntime runtime)
    {
        _runtime = runtime;
        Invariant.Require(runtime.Do(JoinToken, new JoinGroup("bench")));
    }

    /// <summary>Sends one message after the other, each when the one before was delivered here; the time each took.</summary>
    public Task<long[]> ChainAsync(int count, int size, Delivery delivery)
    {
        _chain = new TaskCompletionSource<long[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        (_body, _delivery, _timed) = (new byte[size], delivery, 0);
        Volatile.Write(ref _times, new long[count]);
        SendNext();
        return _chain.Task;
    }

    public void BeginFlood(int size, Delivery delivery)
    {
        (_body, _delivery) = (new byte[size], delivery);
        _isFlooding = true;
        var messages = Math.Clamp(FloodBytes / size, 16, FloodMessages);
        for (var i = 0; i < messages; i++)
            Invariant.Require(_runtime.Send(Group, delivery, FloodToken, _body));
    }

    public void EndFlood() => _isFlooding = false;

    public void BeginWatch()
    {
        (LongestGapNs, LeastMembers, _lastOwnNs) = (0, Members, NodeClock.NowNs);
        _isWatching = true;
    }

    public void OnDelivery(in GroupDelivery delivery)
    {
        if (delivery.Kind == GroupDeliveryKind.View)
        {
            Members = delivery.View!.Members.Length;
            LeastMembers = Math.Min(LeastMembers, Members);
        }

        if (delivery.Kind != GroupDeliveryKind.Message)
            return;
        Volatile.Write(ref _delivered, _delivered + 1);
        if (delivery.Sender != _runtime.Self)
            return;
        if (_isWatching)
        {
            var now = NodeClock.NowNs;
            LongestGapNs = Math.Max(LongestGapNs, now - _lastOwnNs);
            _lastOwnNs = now;
        }
        else if (_isFlooding)
        {
            Invariant.Require(_runtime.Send(Group, _delivery, FloodToken, _body));
        }
        else if (Volatile.Read(ref _times) is { } times)
        {
            times[_timed++] = NodeClock.NowNs - _sentNs;
            if (_timed < times.Length)
            {
                SendNext();
            }
            else
            {
                _times = null;
                _chain.SetResult(times);
            }
        }
    }

    public void OnCompleted(ulong token, in CommandOutcome outcome)
    {
        if (token == JoinToken && outcome.Result == CommandResult.Partial)
            Group = (uint)outcome.Number;
        else if (outcome.Result is CommandResult.Refused or CommandResult.Indeterminate)
            Console.Error.WriteLine($"token {token}: {outcome.Result} {outcome.Reason}");
    }

    public void OnView(ClusterView view)
    {
    }

    public void OnLease(Lease lease)
    {
    }

    public void OnPrimaryLost(ulong epoch)
    {
    }

    public void OnEvicted(MemberId id, string why) => LeastMembers = 0;

    public void OnReport(in NodeEvent happened)
    {
    }

    public void OnBatchEnd()
    {
    }

    public void OnStopped(Exception? failure)
    {
        if (failure is not null)
            Console.Error.WriteLine(failure);
    }

    private void SendNext()
    {
        _sentNs = NodeClock.NowNs;
        Invariant.Require(_runtime.Send(Group, _delivery, FloodToken, _body));
    }
}
