using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>How a server replicates.</summary>
internal sealed partial class ModelServer
{
    private readonly List<ModelTransaction> _relay = [];
    private int _relayApplied;
    private ModelTransaction? _received;
    private ulong _connection;
    private int _sent;
    private bool _isPumping;
    private bool _isApplying;
    private bool _isPrepared;
    private ulong? _until;

    public ModelServer? Source { get; private set; }

    public bool IsReceiverOn { get; private set; }

    public bool IsConnected { get; private set; }

    public bool IsApplierOn { get; private set; }

    /// <summary>Its applier is busy with something that takes long.</summary>
    public bool IsApplierStalled { get; set; }

    public bool UsesGtid { get; private set; }

    public string ReceiverError { get; private set; } = "";

    public string ApplierError { get; private set; } = "";

    public bool HasUnapplied => _relayApplied < _relay.Count;

    /// <summary>As the server says: after a restart it knows less than is in its relay log.</summary>
    public GtidPosition Received => IsMySql ? ReceivedSet() : _received is { } last ? GtidPosition.Empty.With(last.Gtid) : Applied;

    /// <summary>CHANGE MASTER and START SLAVE by GTID: the relay log is thrown away.</summary>
    public void Follow(ModelServer source, ulong? until = null)
    {
        StopReceiver();
        ForgetRelayLog();
        (Source, UsesGtid, IsApplierOn, _until) = (source, true, true, until);
        StartReceiver();
    }

    public void StartReceiver()
    {
        (IsReceiverOn, ReceiverError) = (true, "");
        _connection++;
        Connect(_connection);
    }

    public void StopReceiver()
    {
        IsReceiverOn = false;
        Disconnect();
    }

    /// <summary>The applier alone, by file and position.</summary>
    public void ApplyRelayLog()
    {
        (UsesGtid, IsApplierOn, ApplierError) = (IsMySql, true, "");
        Apply();
    }

    /// <summary>RESET SLAVE ALL.</summary>
    public void DropSource()
    {
        StopReceiver();
        ForgetRelayLog();
        (Source, IsApplierOn) = (null, false);
    }

    /// <summary>Whoever is connected and may not be any more is thrown out.</summary>
    public void Allow(IEnumerable<ServerName> replicas)
    {
        Allowed.Clear();
        Allowed.UnionWith(replicas);
        foreach (var other in world.Servers.Where(other => other.Source == this && other.IsConnected && !Allowed.Contains(other.Name)))
            other.Disconnect();
    }

    /// <summary>Server ids of the replicas that are connected.</summary>
    public IReadOnlyList<uint> Replicas() => [.. world.Servers.Where(other => other.Source == this && other.IsConnected).Select(other => other.Id)];

    /// <summary>There may be more to send to this replica.</summary>
    public void Pump()
    {
        if (_isPumping || !IsConnected || Source is null || _sent >= Source.Log.Count)
            return;
        _isPumping = true;
        var connection = _connection;
        world.After(world.StreamDelayNs(Source.Host, Host), () => Receive(connection));
    }

    /// <summary>A path was cut for so long that the connection over it is given up.</summary>
    public void Break(int one, int other)
    {
        if (IsConnected && Source is { } source && ((Host == one && source.Host == other) || (Host == other && source.Host == one)))
            Disconnect();
    }

    private void BeginReplication()
    {
        _relayApplied = _relay.TakeWhile(one => Has(one.Id)).Count();
        (_received, _isPrepared, IsReceiverOn, IsApplierOn, IsConnected, ApplierError, ReceiverError, UsesGtid) = (null, false, false, false, false, "", "", true);
    }

    private void EndReplication()
    {
        IsReceiverOn = IsApplierOn = false;
        Disconnect();
        foreach (var other in world.Servers.Where(other => other.Source == this))
            other.Disconnect();
    }

    private void ForgetRelayLog()
    {
        _durable = Committed;
        _relay.Clear();
        (_relayApplied, _received, _isPrepared) = (0, null, false);
        Committed = Math.Max(Committed, IsSemiSyncPrimary ? Committed : Log.Count);
    }

    private void Disconnect()
    {
        (IsConnected, _connection, _isPumping) = (false, _connection + 1, false);
        var connection = _connection;
        if (IsReceiverOn)
            world.After(300_000_000, () => Connect(connection));
    }

    private void Connect(ulong connection)
    {
        if (!IsRunning || !IsReceiverOn || connection != _connection || Source is not { } source)
            return;
        if (!IsMute && source is { IsRunning: true, IsHung: false } && world.IsLinked(Host, source.Host) && source.Allowed.Contains(Name))
        {
            var last = _relay.Count > 0 ? _relay[^1] : Log.Count > 0 ? Log[^1] : (ModelTransaction?)null;
            var at = last is { } mine ? source.Log.FindLastIndex(one => one.Id == mine.Id) : -1;
            if (IsMySql)
            {
                // By the set of what it has: with more than its source it is welcome, too.
                at = source.Log.FindIndex(one => !HasOrReceived(one)) - 1;
                at = at == -2 ? source.Log.Count - 1 : at;
            }
            else if (last is not null && at < 0)
            {
                (IsReceiverOn, ReceiverError) = (false, "1236: requested a position that is not in the master's binlog");
                return;
            }

            (IsConnected, _sent) = (true, at + 1);
            _connection++;
            Pump();
            return;
        }

        world.After(300_000_000, () => Connect(connection));
    }

    private void Receive(ulong connection)
    {
        if (connection != _connection || !IsConnected || Source is not { } source)
            return;
        if (IsMute || source.IsHung || !world.IsReached(source.Host, Host))
        {
            world.After(30_000_000, () => Receive(connection));
            return;
        }

        _isPumping = false;
        for (; _sent < source.Log.Count && (_until is not { } until || source.Log[_sent].Sequence <= until); _sent++)
        {
            if (IsMySql && HasOrReceived(source.Log[_sent]))
                continue;
            _relay.Add(source.Log[_sent]);
            _received = source.Log[_sent];
        }

        Apply();
        if (!IsSemiSyncReplica)
            return;
        var sent = _sent;
        world.After(world.StreamDelayNs(Host, source.Host), () => Acknowledge(source, source.Start, connection, sent));
    }

    private bool HasOrReceived(ModelTransaction transaction) => Has(transaction.Id) || _relay.FindIndex(_relayApplied, one => one.Id == transaction.Id) >= 0;

    // One server's transactions come in their order.
    private GtidPosition ReceivedSet()
    {
        var position = Applied;
        foreach (var one in _relay.Skip(_relayApplied))
        {
            if (one.Sequence == (position.OfDomain(one.Domain)?.Sequence ?? 0) + 1)
                position = position.With(one.Gtid);
        }

        return position;
    }

    private void Acknowledge(ModelServer source, ulong start, ulong connection, int sent)
    {
        if (connection != _connection || source.Start != start || !source.IsRunning)
            return;
        if (source.IsHung || !world.IsReached(Host, source.Host))
            world.After(30_000_000, () => Acknowledge(source, start, connection, sent));
        else if (source.IsSemiSyncPrimary)
            source.Release(sent);
    }

    private void Apply()
    {
        if (_isApplying || !IsApplierOn || !HasUnapplied)
            return;
        _isApplying = true;
        var start = Start;
        world.After(world.ApplyNs(this), () => ApplyNext(start));
    }

    // In two steps: into the binary log, then into the engine. A crash may come between.
    private void ApplyNext(ulong start)
    {
        _isApplying = false;
        if (start != Start || !IsRunning || !IsApplierOn)
        {
            Apply();
            return;
        }

        if (!IsMute && !IsApplierStalled && HasUnapplied)
        {
            var next = _relay[_relayApplied];
            if (_isPrepared)
            {
                (_isPrepared, Committed) = (false, Log.Count);
                _relayApplied++;
            }
            else if (Has(next.Id))
            {
                _relayApplied++;
            }
            else if (!IsMySql && Log.Count > 0 && Log[^1].Sequence >= next.Sequence)
            {
                (IsApplierOn, ApplierError) = (false, $"1950: {next.Gtid} is out of order, {Logged} is logged");
                return;
            }
            else
            {
                AppendExisting(next);
                _isPrepared = true;
                world.LogGrew(this);
            }
        }

        Apply();
    }
}
