using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>How a server replicates at this moment: its row, what it has received and what it has applied, in the words of either family.</summary>
/// <param name="Row">Null where it has no source.</param>
/// <param name="Applied">What it has applied or committed itself.</param>
/// <param name="Received">What its receiver has; empty after a restart of MariaDB, when only its relay log tells.</param>
internal sealed record ReplicaState(ReplicaRow? Row, GtidPosition Applied, GtidPosition Received)
{
    public static async Task<ReplicaState> ReadAsync(ActionSession session)
    {
        if (!session.IsMariaDb)
        {
            var set = await session.ScalarAsync("SELECT @@GLOBAL.gtid_executed");
            return FromMySql(set.Replace("\n", "", StringComparison.Ordinal), await session.TableAsync("SHOW SLAVE STATUS"));
        }

        var applied = GtidPosition.Parse(await session.ScalarAsync("SELECT @@GLOBAL.gtid_current_pos"));
        return FromMariaDb(applied, await session.TableAsync("SHOW ALL SLAVES STATUS"));
    }

    public static ReplicaState FromMySql(string executed, MySqlTable status)
    {
        var applied = MySqlGtids.Parse(executed);
        return Nameless(status) is { } row ? new(row, applied, applied.Merge(MySqlGtids.Parse(row.ReceivedSet))) : new(null, applied, applied);
    }

    public static ReplicaState FromMariaDb(GtidPosition current, MySqlTable status)
        => Nameless(status) is { } row ? new(row, current.Merge(row.ApplierPosition), row.ReceiverPosition) : new(null, current, current);

    /// <summary>What its applier has done: what it wrote itself does not count.</summary>
    public GtidPosition Applier => Row is { IsMariaDb: true } ? Row.ApplierPosition : Applied;

    /// <summary>Whether the relay log has what was not applied.</summary>
    public async Task<bool> HasUnappliedAsync(ActionSession session)
    {
        if (Row is null)
            return false;
        return IsReceivedKnown(session) ? !Applier.Covers(Received) : (await RelayLogScan.ReadAsync(session, Row.ApplierPosition)).HasUnapplied;
    }

    /// <summary>The same for looking often: after a restart the relay log is read from where the applier says it was.</summary>
    public async Task<bool> LooksUnappliedAsync(ActionSession session)
    {
        if (Row is null)
            return false;
        return IsReceivedKnown(session) ? !Applier.Covers(Received) : await RelayLogScan.LooksUnappliedAsync(session, Row, Row.ApplierPosition);
    }

    /// <summary>What is here when all is applied, from the relay log where the server does not say.</summary>
    public async Task<GtidPosition> ReceivedAsync(ActionSession session)
    {
        if (Row is null || IsReceivedKnown(session))
            return Received.Merge(Applied);
        return (await RelayLogScan.ReadAsync(session, Row.ApplierPosition)).Received.Merge(Applied);
    }

    private bool IsReceivedKnown(ActionSession session) => !session.IsMariaDb || (Row is { UsesGtid: true } && !Received.IsEmpty);

    /// <summary>The nameless connection; servers with several sources are not for clusters.</summary>
    private static ReplicaRow? Nameless(MySqlTable status)
        => status.Rows.FirstOrDefault(row => !row.TryGet("Connection_name", out var name) || name is null or "") is { } row ? new ReplicaRow(row) : null;
}
