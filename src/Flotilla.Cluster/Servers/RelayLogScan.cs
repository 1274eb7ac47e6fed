using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// What a relay log holds beyond what was applied, told from its events: after a restart the server itself does not say. Where the applier was is taken from
/// its transactional position, because <c>relay-log.info</c> may be behind or ahead of it. The log ends where a sequence number is missing.
/// </summary>
/// <param name="Received">What is here when all of it is applied; a group that is not complete does not count, and nobody acknowledged it.</param>
/// <param name="FirstFile">Where the first group stands that was not applied; null when all was.</param>
/// <param name="FirstPosition">Its position in that file.</param>
internal sealed record RelayLogScan(GtidPosition Received, string? FirstFile, ulong FirstPosition)
{
    public bool HasUnapplied => FirstFile is not null;

    /// <summary>Reads only from where the applier says it was, and only as far as it takes to know whether there is anything: for looking often.</summary>
    public static async Task<bool> LooksUnappliedAsync(ActionSession session, ReplicaRow row, GtidPosition applied)
        => (await ReadAsync(session, applied, row.RelayLogFile, row.RelayLogPosition, onlyFirst: true)).HasUnapplied;

    /// <summary>Reads all of it.</summary>
    public static async Task<RelayLogScan> ReadAsync(ActionSession session, GtidPosition applied)
        => await ReadAsync(session, applied, await session.ScalarAsync("SHOW RELAYLOG EVENTS LIMIT 1"), from: 0, onlyFirst: false);

    private static async Task<RelayLogScan> ReadAsync(ActionSession session, GtidPosition applied, string file, ulong from, bool onlyFirst)
    {
        var scan = new RelayLogScan(applied, null, 0);
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
