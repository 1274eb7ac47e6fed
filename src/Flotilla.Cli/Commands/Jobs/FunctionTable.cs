using System.Text.Json;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What servers say of their functions, from Flotilla's own command or, where that is not known, from gearmand's.</summary>
internal static class FunctionTable
{
    /// <param name="showServer">Whether the table names the server: of use with several.</param>
    public static Listing Create(bool showServer) => new(
        new Column("Server", "server") { InTable = showServer },
        new Column("Function", "function"),
        new Column("Queued", "queued", CellKind.Count),
        new Column("High", "queuedHigh", CellKind.Count) { InTable = false },
        new Column("Normal", "queuedNormal", CellKind.Count) { InTable = false },
        new Column("Low", "queuedLow", CellKind.Count) { InTable = false },
        new Column("Running", "running", CellKind.Count),
        new Column("Delayed", "delayed", CellKind.Count),
        new Column("Dead", "dead", CellKind.Count),
        new Column("Workers", "workers", CellKind.Count),
        new Column("Paused", "paused", CellKind.Flag) { InTable = false },
        new Column("Draining", "draining", CellKind.Flag) { InTable = false },
        new Column("State", "state"),
        new Column("Payload", "payloadBytes", CellKind.Bytes),
        new Column("Limits", "maxQueue") { InTable = false },
        new Column("Policy", "policy") { InTable = false })
    {
        EmptyText = "no functions: no worker has registered one and no job was submitted",
    };

    public static async Task<IReadOnlyList<FunctionDetails>> AskAsync(GearmanAdmin admin, CancellationToken cancellationToken)
    {
        try
        {
            return await admin.GetFunctionsAsync(cancellationToken);
        }
        catch (GearmanServerException refusal) when (refusal.Code is "UNKNOWN_SHOW_ARGUMENTS" or "UNKNOWN_COMMAND")
        {
            return await AskGearmandAsync(admin, cancellationToken);
        }
    }

    public static void Add(Listing listing, GearmanAddress server, FunctionDetails function) => listing.Add(
        server.ToString(),
        function.Name,
        function.QueuedHigh + function.QueuedNormal + function.QueuedLow,
        function.QueuedHigh,
        function.QueuedNormal,
        function.QueuedLow,
        function.Running,
        function.Delayed,
        function.Dead,
        function.Workers,
        function.Paused,
        function.Draining,
        StateOf(function),
        function.PayloadBytes,
        Bare(function.MaxQueue),
        Bare(function.Policy));

    /// <summary>The word that matters most about it.</summary>
    public static string StateOf(FunctionDetails function)
        => function.Paused ? "paused"
            : function.Draining ? "draining"
            : function.Workers == 0 && function.QueuedHigh + function.QueuedNormal + function.QueuedLow > 0 ? "no workers"
            : function.Running > 0 ? "busy"
            : "idle";

    private static object? Bare(JsonElement? element) => element is { ValueKind: not JsonValueKind.Null } known ? known : null;

    /// <summary>gearmand tells the numbers in two lists; by priority only what waits.</summary>
    private static async Task<IReadOnlyList<FunctionDetails>> AskGearmandAsync(GearmanAdmin admin, CancellationToken cancellationToken)
    {
        var totals = await admin.GetStatusAsync(cancellationToken);
        var byPriority = new Dictionary<string, Gearman.Protocol.PriorityRow>(StringComparer.Ordinal);
        foreach (var row in await admin.GetPriorityStatusAsync(cancellationToken))
            byPriority[row.Function] = row;
        return
        [
            .. totals.Select(total => byPriority.TryGetValue(total.Function, out var queued)
                ? Of(total) with { QueuedHigh = queued.High, QueuedNormal = queued.Normal, QueuedLow = queued.Low }
                : Of(total) with { QueuedNormal = Math.Max(0, total.Total - total.Running) }),
        ];
    }

    private static FunctionDetails Of(Gearman.Protocol.StatusRow row)
        => new() { Name = row.Function, Running = row.Running, Workers = row.Workers };
}
