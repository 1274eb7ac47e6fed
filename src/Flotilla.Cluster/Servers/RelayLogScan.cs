using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// What a relay log holds beyond what was applied, told from its events: after a restart the server itself does not say. Where the applier was is taken from
/// its transactional position, because <c>relay-log.info</c> may be behind it. The log ends where a sequence number is missing.
/// </summary>
/// <param name="Received">What is here when all of it is applied; a group that is not complete does not count, and nobody acknowledged it.</param>
/// <param name="FirstFile">Where the first group stands that was not applied; null when all was.</param>
/// <param name="FirstPosition">Its position in that file.</param>
internal sealed record RelayLogScan(GtidPosition Received, string? FirstFile, ulong FirstPosition)
{
    public bool HasUnapplied => FirstFile is not null;

    /// <summary>Reads all of it.</summary>
    public static Task<RelayLogScan> ReadAsync(ActionSession session, ReplicaRow row, GtidPosition applied) => ReadAsync(session, row, applied, onlyFirst: false);

    /// <summary>Reads only as far as it takes to know whether there is anything.</summary>
    public static async Task<bool> HasUnappliedAsync(ActionSession session, ReplicaRow row, GtidPosition applied)
        => (await ReadAsync(session, row, applied, onlyFirst: true)).HasUnapplied;

    private static async Task<RelayLogScan> ReadAsync(ActionSession session, ReplicaRow row, GtidPosition applied, bool onlyFirst)
    {
        var scan = new RelayLogScan(applied, null, 0);
        var (file, from) = (row.RelayLogFile, row.RelayLogPosition);
        MySqlServerException? torn = null;
        while (file.Length > 0)
        {
            var groups = new LogGroups();
            var (begin, hadEvents) = (0UL, false);
            try
            {
                await foreach (var next in EventLog.ReadFileAsync(session, EventLog.Relay, file, from, session.CancellationToken))
                {
                    hadEvents = true;
                    if (next.Type == "Gtid")
                        begin = next.Position;
                    if (groups.Take(next) is not { } gtid || applied.Covers(gtid))
                        continue;
                    // Behind a tear nothing can be applied in order; behind a gap it could, and what is missing would never be noticed.
                    if (torn is not null)
                        throw torn;
                    if (scan.Received.OfDomain(gtid.Domain) is { } last && gtid.Sequence != last.Sequence + 1)
                        return scan;
                    if (scan.FirstFile is null)
                        scan = scan with { FirstFile = file, FirstPosition = begin };
                    scan = scan with { Received = scan.Received.With(gtid) };
                    if (onlyFirst)
                        return scan;
                }
            }
            catch (MySqlServerException failure) when (failure != torn && EventLog.IsEndOfLogs(failure))
            {
                // No such file: the end. A torn event at the end of one: the server died while it wrote.
                if (!hadEvents)
                    return scan;
                torn = failure;
            }

            (file, from) = (EventLog.Next(file), 0);
        }

        return scan;
    }
}
