using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>
/// A server as far as it matters. MariaDB: a binary log that is on disk before an engine commits (AFTER_SYNC), commits that wait for one acknowledgement, crash recovery by role, a relay
/// log that a start by GTID throws away. MySQL: commits that wait for nobody, crash recovery that commits whatever is in the binary log, GTIDs by the server's UUID.
/// </summary>
internal sealed partial class ModelServer(ClusterWorld world, ServerName name, uint id, int host)
{
    private readonly List<(ModelTransaction Transaction, Action<bool> Reply)> _pending = [];
    private readonly HashSet<ulong> _logged = [];
    private int _durable;
    private uint _uuids;
    private ulong _own;
    private ModelGtidSet _set = new();

    private uint Uuid => Id + (1_000 * _uuids);

    private bool IsMySql => world.Parameters.Kind == ServerKind.MySql;

    public ServerName Name => name;

    public uint Id => id;

    /// <summary>The host it runs on; its node and its guard are there too.</summary>
    public int Host => host;

    /// <summary>The binary log; what is behind <see cref="Committed"/> is prepared only.</summary>
    public List<ModelTransaction> Log { get; } = [];

    public int Committed { get; private set; }

    /// <summary>What the engine has on disk: less, as recovery has the binary log.</summary>
    private int Durable => Math.Min(_durable, Committed);

    /// <summary>Replicas whose accounts are unlocked.</summary>
    public HashSet<ServerName> Allowed { get; } = [];

    public bool IsRunning { get; private set; }

    public bool IsHung { get; private set; }

    /// <summary>Whatever writes waits for room.</summary>
    public bool IsDiskFull { get; set; }

    /// <summary>Whether the write probe gets no answer.</summary>
    public bool IsMute => IsHung || IsDiskFull;

    public ulong Start { get; private set; }

    public ServerRole? Role { get; private set; }

    public bool IsReadOnly { get; private set; } = true;

    public bool IsSemiSyncPrimary { get; private set; }

    public bool IsSemiSyncReplica { get; private set; }

    /// <summary>New commits wait: somebody wants it read-only.</summary>
    public bool IsBlocked { get; private set; }

    public string Ended { get; private set; } = "was never started";

    public bool HasPending => _pending.Count > 0;

    /// <summary>Transactions that were written to a file before they were taken away.</summary>
    public HashSet<ulong> Saved { get; } = [];

    /// <summary>What was written to it by hand.</summary>
    public HashSet<ulong> ByHand { get; } = [];

    public bool Has(ulong transaction) => _logged.Contains(transaction);

    public GtidPosition Logged => IsMySql ? Applied : Log.Count == 0 ? GtidPosition.Empty : GtidPosition.Empty.With(Log[^1].Gtid);

    public GtidPosition Applied => IsMySql ? PositionOfSet() : Committed == 0 ? GtidPosition.Empty : GtidPosition.Empty.With(Log[Committed - 1].Gtid);

    public void Begin(ServerRole role)
    {
        if (IsRunning)
            return;
        if (role == ServerRole.Replica && !IsMySql)
        {
            var kept = Durable + world.Random.Next(Committed - Durable + 1);
            Saved.UnionWith(Log.Skip(kept).Select(one => one.Id));
            Truncate(kept);
        }

        Committed = Log.Count;
        (IsRunning, IsHung, IsReadOnly, Role) = (true, false, true, role);
        (IsSemiSyncPrimary, IsSemiSyncReplica, IsBlocked) = (false, false, false);
        Start++;
        BeginReplication();
        world.Say(this, $"starts as {role}, has {Logged}");
    }

    public void Kill(string why)
    {
        if (!IsRunning)
            return;
        world.Say(this, $"ends: {why}");
        (IsRunning, Ended) = (false, why);
        _pending.Clear();
        EndReplication();
        world.ServerEnded(this);
    }

    public void Hang(bool isHung) => IsHung = isHung;

    /// <summary>A client's commit. The reply comes later, or never.</summary>
    public void Write(ulong transaction, Action<bool> reply)
    {
        if (!IsRunning || IsMute || IsBlocked)
            return;
        if (IsReadOnly)
        {
            reply(false);
            return;
        }

        var written = Append(transaction, Id);
        if (IsSemiSyncPrimary)
        {
            _pending.Add((written, reply));
        }
        else
        {
            Committed = Log.Count;
            reply(true);
        }
    }

    /// <summary>
    /// Somebody with all rights writes to a replica by hand. Under a name that was never given: when one is given twice, after its first bearer was truncated, nothing can tell them apart.
    /// </summary>
    public void WriteByHand(ulong transaction)
    {
        if (!IsRunning || IsMute || Committed != Log.Count)
            return;
        Append(transaction, Id + 100);
        ByHand.Add(transaction);
        Committed = Log.Count;
        world.Say(this, $"is written by hand: {Logged}");
    }

    /// <summary>An epoch begins with a transaction of its own, for which nobody waits. With MySQL it does not: numbers are the server's own.</summary>
    public void WriteEpoch(ulong transaction)
    {
        if (IsMySql)
            return;
        Append(transaction, Id);
        Committed = Log.Count;
    }

    public void SetReadOnly(bool isReadOnly) => (IsReadOnly, IsBlocked, _durable) = (isReadOnly, false, Committed);

    public void Block(bool isBlocked) => IsBlocked = isBlocked;

    public void WaitForReplicas(bool waits)
    {
        IsSemiSyncPrimary = waits;
        if (!waits)
            Release(Log.Count);
    }

    public void AcknowledgeAsReplica(bool isOn) => IsSemiSyncReplica = isOn;

    /// <summary>Takes away everything from an index on.</summary>
    public void Truncate(int from)
    {
        foreach (var one in Log.Skip(from))
        {
            _logged.Remove(one.Id);
            world.Checks.TakenAway(this, one.Id);
        }

        Log.RemoveRange(from, Log.Count - from);
        Committed = Math.Min(Committed, Log.Count);
        _durable = Math.Min(_durable, Committed);
    }

    /// <summary>All it had is gone, but what was saved.</summary>
    public void Wipe()
    {
        DropSource();
        Log.Clear();
        _logged.Clear();
        (Committed, _durable, _set) = (0, 0, new ModelGtidSet());
        BeAnother();
    }

    /// <summary>A person replaces what it has: with MySQL nobody else does.</summary>
    public void Mend(ModelServer donor)
    {
        DropSource();
        Saved.UnionWith(Log.Select(one => one.Id));
        FillFrom(donor);
        BeAnother();
        world.Say(this, $"is mended by a person, has {Logged}");
    }

    /// <summary>Becomes a copy.</summary>
    public void FillFrom(ModelServer donor)
    {
        Truncate(0);
        _set = new ModelGtidSet();
        foreach (var one in donor.Log.Take(donor.Committed))
            AppendExisting(one);
        Committed = Log.Count;
        ForgetRelayLog();
    }

    // Some commits may be acknowledged: those before an index.
    private void Release(int before)
    {
        if (before <= Committed)
            return;
        Committed = before;
        var last = Log[before - 1].Sequence;
        while (_pending.Count > 0 && _pending[0].Transaction.Sequence <= last)
        {
            var (_, reply) = _pending[0];
            _pending.RemoveAt(0);
            reply(true);
        }
    }

    private ModelTransaction Append(ulong transaction, uint server)
    {
        var written = IsMySql ? new ModelTransaction(transaction, Uuid, ++_own, Uuid) : new ModelTransaction(transaction, server, (Log.Count == 0 ? 0 : Log[^1].Sequence) + 1, 0);
        AppendExisting(written);
        world.LogGrew(this);
        return written;
    }

    // A new data directory has a new UUID.
    private void BeAnother() => (_uuids, _own) = (_uuids + 1, 0);

    private GtidPosition PositionOfSet()
    {
        if (_set.Count > Committed)
            _set = new ModelGtidSet();
        while (_set.Count < Committed)
            _set.Add(Log[_set.Count]);
        return _set.Position;
    }

    // The next one's prepare brings the commits before it to the disk, but for the last few.
    private void AppendExisting(ModelTransaction transaction)
    {
        _durable = Math.Max(_durable, Committed - world.Random.Next(3));
        Log.Add(transaction);
        _logged.Add(transaction.Id);
    }
}
