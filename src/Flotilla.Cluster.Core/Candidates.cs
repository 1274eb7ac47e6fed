namespace Flotilla.Cluster.Core;

/// <summary>Who of those that told what they have is made primary.</summary>
internal static class Candidates
{
    private const string Watched = "it is only watched: nothing could fence it";

    /// <summary>Why a server can't be made primary now; null when it can.</summary>
    public static string? Obstacle(CoordinatorView view, ServerState server)
    {
        if (server.Spec.IsWatched && !Planted.Is(PlantedBug.DriveWatched))
            return Watched;
        if (server.Spec.Priority == ServerPriority.Never)
            return "its priority is never";
        if (server.IsInMaintenance)
            return "it is in maintenance";
        if (server.IsLeaving || server.IsToBeProvisioned)
            return "it is to be removed or filled anew";
        if (!view.IsDriven(server))
            return $"its node {server.Node} is gone";
        if (server.Report.Status is not (ServerStatus.Up or ServerStatus.Unknown))
            return $"it is {server.Report.Status.ToString().ToLowerInvariant()}";
        return null;
    }

    /// <summary>Why a server that a person wants to be primary can't be, however long it is waited for, and what to do; null when it can.</summary>
    public static string? Refusal(ServerState server)
        => server.Spec.IsWatched ? $"{server.Name} can't be primary: {Watched}. Let its node {server.Node} start or attach it (supervise: start or attach), or name another server" : null;

    /// <summary>The choice from what was collected; null with the reason when there is none.</summary>
    public static Choice? Choose(CoordinatorView view, Plan plan, out string reason)
    {
        if (Evidence.Together(plan) is not { } target)
        {
            reason = $"what was collected contradicts itself: {Told(plan)}";
            return null;
        }

        if (plan.Positions.IsEmpty)
        {
            reason = "nobody told what it has";
            return null;
        }

        var obstacles = new List<string>();
        foreach (var server in InOrder(view, plan, target))
        {
            var obstacle = plan.Without.Contains(server.Name) ? "it was given up before" : Obstacle(view, server);
            if (obstacle is null && plan.Wish is { } wish && wish != server.Name)
                obstacle = $"{wish} is wanted";
            if (obstacle is null && plan.Kind == PlanKind.Failover && view.State.Epoch?.Primary == server.Name)
                obstacle = "it is the one that failed";
            if (obstacle is null && SourceFor(plan, server.Name, target, out var source))
            {
                reason = $"{Told(plan)}; {server.Name} has most of those that may be primary{(obstacles.Count == 0 ? "" : $" ({string.Join("; ", obstacles)})")}";
                return new Choice(server.Name, source, target);
            }

            obstacles.Add($"{server.Name}: {obstacle ?? "nobody alone has what it lacks"}");
        }

        reason = $"nobody can be primary: {string.Join("; ", obstacles)}";
        return null;
    }

    private static IEnumerable<ServerState> InOrder(CoordinatorView view, Plan plan, ReplicationPosition target)
    {
        var site = view.State.Epoch is { } epoch ? view.State.Find(epoch.Primary)?.Spec.Site : null;
        var told = plan.Positions.Select(one => (Server: view.State.Find(one.Server), one.Position)).Where(one => one.Server is not null).Select(one => (Server: one.Server!, one.Position));
        return told
            .OrderBy(one => one.Position.Contains(target) ? 0 : 1)
            .ThenBy(one => plan.Positions.Count(other => other.Position.CompareTo(one.Position) == PositionOrder.After))
            .ThenBy(one => one.Server.Spec.Priority)
            .ThenBy(one => site is null || one.Server.Spec.Site == site ? 0 : 1)
            // An older server can be followed by a newer one, not the other way round.
            .ThenBy(one => VersionOf(one.Server))
            .ThenBy(one => one.Server.Report.BinlogFormat == "ROW" ? 0 : 1)
            .ThenBy(one => one.Server.Name)
            .Select(one => one.Server);
    }

    private static Version VersionOf(ServerState server)
    {
        var text = server.Report.Version;
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        return Version.TryParse(text.AsSpan(0, end), out var version) ? version : new Version(0, 0);
    }

    private static bool SourceFor(Plan plan, ServerName candidate, ReplicationPosition target, out ServerName? source)
    {
        source = null;
        var own = plan.PositionOf(candidate)!;
        if (own.Contains(target))
            return true;
        foreach (var other in plan.Positions)
        {
            if (other.Server == candidate || own.Join(other.Position) is not { } joined || !joined.Contains(target))
                continue;
            source = other.Server;
            return true;
        }

        return false;
    }

    private static string Told(Plan plan) => string.Join(", ", plan.Positions.Select(one => $"{one.Server} has {(one.Position.IsEmpty ? "nothing" : one.Position.ToString())}"));
}
