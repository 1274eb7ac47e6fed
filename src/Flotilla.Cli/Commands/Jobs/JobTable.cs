using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Jobs as Flotilla's server describes them.</summary>
internal static class JobTable
{
    public static Listing Create(bool showServer, bool isDead, string emptyText) => new(
        new Column("Server", "server") { InTable = showServer },
        new Column("Handle", "handle"),
        new Column("Function", "function"),
        new Column("Unique", "unique"),
        new Column("State", "state"),
        new Column("Priority", "priority"),
        new Column("Attempts", "attempts", CellKind.Count),
        new Column("Background", "background", CellKind.Flag) { InTable = false },
        new Column("Age", "ageMs", CellKind.DurationMs),
        new Column("Due", "dueMs", CellKind.TimeMs) { InTable = !isDead },
        new Column("Progress", "progress"),
        new Column("Worker", "worker") { InTable = !isDead },
        new Column("Clients", "clients", CellKind.Count) { InTable = !isDead },
        new Column("Payload", "dataBytes", CellKind.Bytes),
        new Column("Reducer", "reducer") { InTable = false },
        new Column("Reason", "reason") { InTable = isDead },
        new Column("Dead since", "deadSinceMs", CellKind.TimeMs) { InTable = isDead })
    {
        EmptyText = emptyText,
    };

    public static void Add(Listing listing, GearmanAddress server, JobDetails job) => listing.Add(
        server.ToString(),
        job.Handle,
        job.Function,
        job.Unique,
        job.State,
        job.Priority,
        job.Attempts,
        job.Background,
        job.AgeMs,
        job.DueMs is > 0 ? job.DueMs : null,
        job.Denominator > 0 ? $"{job.Numerator}/{job.Denominator}" : null,
        job.Worker,
        job.Clients,
        job.DataBytes,
        job.Reducer,
        job.Reason,
        job.DeadSinceMs);
}
