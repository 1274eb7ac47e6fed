using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Sandbox;

/// <summary>Starts, stops and looks at one server, by its own scripts.</summary>
internal static class NodeRun
{
    public static async Task InitAsync(NodeFiles node, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Path.Combine(node.Data, "mysql")))
            return;
        var run = await ScriptAsync(node, "init_db", cancellationToken);
        if (run.Code != 0)
            throw new SandboxException(SandboxProblem.Storage, run.Why);
    }

    public static async Task StartAsync(NodeFiles node, CancellationToken cancellationToken)
    {
        var run = await ScriptAsync(node, "start", cancellationToken);
        if (run.Code != 0)
            throw new SandboxException(SandboxProblem.ServerFailed, run.Why);
    }

    public static async Task StopAsync(NodeFiles node, CancellationToken cancellationToken)
    {
        var run = await ScriptAsync(node, "stop", cancellationToken);
        if (run.Code != 0)
            throw new SandboxException(SandboxProblem.ServerFailed, run.Why);
    }

    /// <summary>The server's process; null when it does not run.</summary>
    public static int? ProcessOf(NodeFiles node)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(node.Folder, "mysqld.pid"));
            return int.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var process) && ProcessTable.HasArgument(process, $"--defaults-file={node.Folder}/my.cnf")
                ? process : null;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static async Task<NodeStatus> LookAsync(SandboxInstance sandbox, SandboxNode node, CancellationToken cancellationToken)
    {
        var files = sandbox.Files(node);
        if (ProcessOf(files) is not { } process)
            return new NodeStatus(node, null, Answers: false, [], "it does not run");
        try
        {
            await using var session = await sandbox.OpenAsync(node, cancellationToken);
            var replication = await ReplicationWiring.StatusAsync(session, ReplicationStatements.For(files.Spec.Server), cancellationToken);
            var running = replication.Count(one => one.IsRunning);
            var problem = running >= node.Sources.Count ? null
                : replication.FirstOrDefault(one => one.Error.Length > 0)?.Error ?? $"{running} of {node.Sources.Count} replication connections are running";
            return new NodeStatus(node, process, Answers: true, replication, problem);
        }
        catch (MySqlException failure)
        {
            return new NodeStatus(node, process, Answers: false, [], failure.Message);
        }
    }

    private static Task<ProgramRun> ScriptAsync(NodeFiles node, string script, CancellationToken cancellationToken)
        => ProgramRun.RunAsync("/bin/sh", [Path.Combine(node.Folder, script)], [], cancellationToken);
}
