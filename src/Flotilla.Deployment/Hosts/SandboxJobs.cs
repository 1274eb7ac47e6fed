using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The functions about servers.</summary>
internal sealed class SandboxJobs(HostWorkerOptions options, SandboxRoot root, HostProbe probe, Owners owners)
{
    private const int LogTailLines = 40;
    private const int LogTailBytes = 64 << 10;
    private static readonly TimeSpan ReplicaPatience = TimeSpan.FromMinutes(2);

    public async Task<SandboxFact> MakeAsync(MakeSandboxArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        var servers = await probe.ServersAsync(cancellationToken);
        var server = servers.FirstOrDefault(one => ServerText.Of(one) == arguments.Version) ?? throw new DeploymentException(
            DeploymentProblem.Missing,
            $"{options.Name} has no {arguments.Version}, only {(servers.Count > 0 ? string.Join(", ", servers.Select(ServerText.Of).Distinct(StringComparer.Ordinal)) : "no server at all")}");
        var spec = new SandboxSpec
        {
            Name = arguments.Name,
            Role = arguments.Role,
            Server = server,
            Port = arguments.Port,
            ServerId = arguments.ServerId,
            BindAddress = options.Address.ToString(),
            ReportHost = options.Address.ToString(),
            RemoteAccess = arguments.RemoteAccess,
            UseGtid = !arguments.UseFilePosition,
            SemiSync = arguments.SemiSync,
            Options = arguments.Options,
            Credentials = arguments.Credentials,
        };
        using (await owners.LockAsync(arguments.Name, cancellationToken))
        {
            owners.Claim(arguments.Name, arguments.Deployment);
            try
            {
                await root.CreateAsync(spec, new Tell<SandboxStep>(step => tell(step.Text)), cancellationToken);
            }
            finally
            {
                if (root.Find(arguments.Name) is null)
                    owners.Release(arguments.Name);
            }
        }

        return await StatusAsync(arguments.Name, cancellationToken);
    }

    public async Task<SandboxFact> InitializeSlaveAsync(InitializeSlaveArguments arguments, CancellationToken cancellationToken)
    {
        owners.RequireOurs(arguments.Name, arguments.Deployment);
        var sandbox = Find(arguments.Name);
        var (spec, statements) = (sandbox.Record.Spec, ReplicationStatements.For(sandbox.Record.Spec.Server));
        await using var session = await sandbox.OpenAsync(sandbox.Nodes[0], cancellationToken);
        var source = new ReplicationSource
        {
            Host = arguments.SourceHost, Port = arguments.SourcePort, Password = sandbox.ReadCredentials().Replication, UseGtid = spec.HasGtid,
        };
        await ReplicationWiring.ConnectAsync(session, statements, source, cancellationToken);
        await ReplicationWiring.WaitUntilRunningAsync(session, statements, 1, ReplicaPatience, options.TimeProvider, cancellationToken);
        return await StatusAsync(arguments.Name, cancellationToken);
    }

    public async Task<SandboxFact> RemoveAsync(RemoveSandboxArguments arguments)
    {
        using (await owners.LockAsync(arguments.Name, CancellationToken.None))
        {
            owners.RequireOurs(arguments.Name, arguments.Deployment);
            await root.RemoveAsync(arguments.Name, cancellationToken: CancellationToken.None);
            if (owners.Find(arguments.Name) == arguments.Deployment)
                owners.Release(arguments.Name);
        }

        return Absent(arguments.Name);
    }

    public async Task<SandboxFact> StartAsync(SandboxArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        await root.StartAsync(arguments.Name, new Tell<SandboxStep>(step => tell(step.Text)), cancellationToken);
        return await StatusAsync(arguments.Name, cancellationToken);
    }

    public async Task<SandboxFact> StopAsync(SandboxArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        await root.StopAsync(arguments.Name, new Tell<SandboxStep>(step => tell(step.Text)), cancellationToken);
        return await StatusAsync(arguments.Name, cancellationToken);
    }

    /// <summary>How it is; absent when there is none.</summary>
    public async Task<SandboxFact> StatusAsync(string name, CancellationToken cancellationToken)
    {
        if (root.Find(name) is not { } sandbox)
            return Absent(name);
        if (sandbox.Record.State != SandboxState.Made)
            return FactOf(sandbox) with { Problem = "it is half-made" };
        var node = (await root.StatusAsync(name, cancellationToken)).Nodes[0];
        var replication = node.Replication.Select(one => $"{one.IoRunning}/{one.SqlRunning}").ToList();
        // Who replicates from it was decided by a deployment, which the sandbox itself knows nothing of.
        var problem = node.Problem ?? (node.Replication.FirstOrDefault(one => !one.IsRunning) is { } broken
            ? broken.Error.Length > 0 ? broken.Error : $"it does not replicate from {broken.SourceHost}:{broken.SourcePort}"
            : node.Node.Role == SandboxRole.Replica && replication.Count == 0 ? "it is not connected to its primary" : null);
        return FactOf(sandbox) with { ProcessId = node.ProcessId, Answers = node.Answers, Replication = replication, Problem = problem };
    }

    public IReadOnlyList<SandboxFact> List() => [.. root.List().Select(FactOf)];

    public string? HolderOf(int port) => root.HolderOf(options.Address.ToString(), port);

    /// <summary>The last lines of its error log.</summary>
    public IReadOnlyList<string> LogTail(string name)
    {
        var sandbox = Find(name);
        var path = Path.Combine(sandbox.FolderOf(sandbox.Nodes[0]), "error.log");
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(Math.Max(0, file.Length - LogTailBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LogTailLines)];
    }

    public SandboxInstance Find(string name) => root.Find(name) ?? throw new DeploymentException(DeploymentProblem.NotFound, $"there is no sandbox {name} in {root.Folder}");

    private static SandboxFact Absent(string name) => new() { Name = name, State = "absent" };

    private static SandboxFact FactOf(SandboxInstance sandbox) => new()
    {
        Name = sandbox.Name,
        State = sandbox.Record.State.ToString().ToLowerInvariant(),
        Port = sandbox.Nodes[0].Port,
        Role = sandbox.Nodes[0].Role,
    };
}
