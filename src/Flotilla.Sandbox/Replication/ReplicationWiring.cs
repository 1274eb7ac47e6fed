using Flotilla.MySql;

namespace Flotilla.Sandbox;

/// <summary>Makes a server replicate from another: the statements, in order, each of them safe to repeat. Servers may be
/// anywhere; connections need the right to replicate and to look at it (SUPER, or REPLICATION SLAVE ADMIN). All throw what their connection throws.</summary>
public static class ReplicationWiring
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Points the replica to its source and starts it; a connection of that name to the same source is left as it is.</summary>
    /// <exception cref="MySqlException">The connection is lost, or the server refused a statement.</exception>
    public static async Task ConnectAsync(MySqlConnection replica, ReplicationStatements statements, ReplicationSource source, CancellationToken cancellationToken)
    {
        var now = (await StatusAsync(replica, statements, cancellationToken)).FirstOrDefault(one => one.Channel == source.Channel && one.SourceHost.Length > 0);
        if (now is not null && now.SourceHost == source.Host && now.SourcePort == source.Port)
        {
            if (!now.IsRunning)
                await replica.ExecuteAsync(statements.Start(source.Channel), cancellationToken);
            return;
        }

        if (now is not null)
        {
            foreach (var statement in statements.Disconnect(source.Channel))
                await replica.ExecuteAsync(statement, cancellationToken);
        }

        await replica.ExecuteAsync(statements.Connect(source), cancellationToken);
        await replica.ExecuteAsync(statements.Start(source.Channel), cancellationToken);
    }

    /// <summary>Waits until so many connections of the replica say Yes/Yes.</summary>
    /// <exception cref="SandboxException">They do not in time, or the replica has stopped on an error; the message has the server's words.</exception>
    public static async Task WaitUntilRunningAsync(
        MySqlConnection replica, ReplicationStatements statements, int connections, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var all = await StatusAsync(replica, statements, cancellationToken);
            if (all.Count(one => one.IsRunning) >= connections)
                return;
            // A thread that says No with an error has stopped for good; one that is connecting tries again.
            var broken = all.FirstOrDefault(one => one.Error.Length > 0 && (one.SqlRunning == "No" || one.IoRunning == "No"));
            if (broken is not null || clock.GetElapsedTime(start) > patience)
                throw new SandboxException(SandboxProblem.ReplicationFailed, Explain(all, connections));
            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    /// <summary>All connections of a replica; empty when it is none.</summary>
    public static async Task<IReadOnlyList<ReplicaStatus>> StatusAsync(MySqlConnection replica, ReplicationStatements statements, CancellationToken cancellationToken)
        => [.. (await replica.QueryTableAsync(statements.ShowStatus, cancellationToken)).Rows.Select(ReplicaStatus.From)];

    /// <summary>File and position a primary writes to now: where a replica that has all its data begins, without global transaction ids.</summary>
    public static async Task<(string File, long Position)> CoordinatesAsync(MySqlConnection primary, ReplicationStatements statements, CancellationToken cancellationToken)
    {
        var row = (await primary.QueryTableAsync(statements.ShowCoordinates, cancellationToken)).Rows.FirstOrDefault();
        return row is not null && row.TryGet("File", out var file) && row.TryGet("Position", out var position) && file is not null && long.TryParse(position, out var at)
            ? (file, at)
            : throw new SandboxException(SandboxProblem.ReplicationFailed, "the server writes no binary log, so nothing can replicate from it; start it with log-bin");
    }

    private static string Explain(IReadOnlyList<ReplicaStatus> all, int connections)
    {
        if (all.Count < connections)
            return $"{all.Count} of {connections} connections are there";
        var told = all.Where(one => !one.IsRunning)
            .Select(one => $"from {one.SourceHost}:{one.SourcePort}: {one.IoRunning}/{one.SqlRunning}{(one.Error.Length > 0 ? $", {one.Error}" : "")}");
        return $"it does not replicate {string.Join("; ", told)}";
    }
}
