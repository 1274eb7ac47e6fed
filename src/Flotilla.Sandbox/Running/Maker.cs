using System.Text.Json;

namespace Flotilla.Sandbox;

/// <summary>Makes one sandbox. Its lock must be held.</summary>
internal sealed class Maker(Catalog catalog, SandboxSpec spec, IProgress<SandboxStep>? progress, TimeProvider clock)
{
    /// <summary>Ports that were free when chosen may be taken by the time the server listens.</summary>
    private const int AttemptsMax = 5;

    /// <summary>What a fresh server puts on the disk, with room for its first logs.</summary>
    private const long BytesPerServer = 64L << 20;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromMinutes(2);
    private readonly Steps _steps = new(progress, (spec.NodeCount * 2) + 1);

    public async Task<SandboxInstance> MakeAsync(CancellationToken cancellationToken)
    {
        CreateRoot();
        await Remover.RemoveHalfMadeAsync(catalog, _steps, spec.FolderName);
        for (var attempt = 1; ; attempt++)
        {
            var record = await ReserveAsync(cancellationToken);
            var sandbox = new SandboxInstance(catalog.Root, record);
            try
            {
                if (record.State == SandboxState.Made)
                {
                    RefreshScripts(sandbox);
                    await GroupRun.StartAsync(sandbox, _steps, cancellationToken);
                    return sandbox;
                }

                return await FinishAsync(sandbox, cancellationToken);
            }
            catch (Exception failure) when (record.State != SandboxState.Made)
            {
                await Remover.RemoveAsync(catalog, record);
                if (attempt < AttemptsMax && spec.Port is null && LostItsPort(failure))
                    continue;
                if (failure is IOException or UnauthorizedAccessException)
                    throw new SandboxException(SandboxProblem.Storage, $"{record.Name} could not be made: {failure.Message}", failure);
                throw;
            }
        }
    }

    private static bool LostItsPort(Exception failure)
        => failure is SandboxException { Problem: SandboxProblem.ServerFailed } && failure.Message.Contains("Address already in use", StringComparison.Ordinal);

    private void CreateRoot()
    {
        try
        {
            Directory.CreateDirectory(catalog.Root, SafeFile.Folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException(SandboxProblem.Storage, $"{catalog.Root} can't be made: {failure.Message}", failure);
        }
    }

    /// <summary>The journal of the sandbox that is there, or a new one, written: from then on name and ports are ours.</summary>
    private async Task<SandboxRecord> ReserveAsync(CancellationToken cancellationToken)
    {
        var folder = catalog.FolderOf(spec.FolderName);
        var existing = SandboxRecord.Read(folder);
        if (existing is { State: SandboxState.Made })
        {
            return existing.IsOf(spec) ? existing : throw new SandboxException(
                SandboxProblem.Conflict, $"there is a sandbox {spec.FolderName} already, made with other settings; delete it or choose another name");
        }

        if (existing is { State: SandboxState.Planned } && existing.IsOf(spec))
        {
            await Remover.EndProcessesAsync(folder, existing);
            return existing;
        }

        if (existing is not null)
            await Remover.RemoveAsync(catalog, existing);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => !entry.EndsWith(".new", StringComparison.Ordinal)))
            throw new SandboxException(SandboxProblem.Conflict, $"{folder} is there already and is no sandbox; choose another name");
        RequireSpace();
        using var all = await catalog.LockAllAsync(cancellationToken);
        using var host = await HostRegistry.LockAsync(cancellationToken);
        var record = Planner.Plan(spec, catalog.Root, catalog.List(), HostRegistry.Enter(catalog.Root), clock.GetUtcNow());
        Directory.CreateDirectory(folder, SafeFile.Folder);
        try
        {
            record.Write(folder);
        }
        catch (IOException failure)
        {
            Directory.Delete(folder, recursive: true);
            throw new SandboxException(SandboxProblem.Storage, $"{folder} can't be written to: {failure.Message}", failure);
        }

        return record;
    }

    /// <summary>Those of an older version, or lost with the power, become today's.</summary>
    private static void RefreshScripts(SandboxInstance sandbox)
    {
        if (sandbox.Record.Spec.Topology != SandboxTopology.Single)
            GroupWriter.Write(sandbox.Folder, sandbox.Record);
        foreach (var node in sandbox.Nodes)
            NodeWriter.WriteScripts(sandbox.FolderOf(node));
    }

    private void RequireSpace()
    {
        var (free, needed) = (new DriveInfo(catalog.Root).AvailableFreeSpace, BytesPerServer * spec.NodeCount);
        if (free < needed)
        {
            throw new SandboxException(
                SandboxProblem.Storage, $"the disk of {catalog.Root} has {free >> 20} MiB left; {spec.NodeCount} servers need {needed >> 20} MiB");
        }
    }

    private async Task<SandboxInstance> FinishAsync(SandboxInstance sandbox, CancellationToken cancellationToken)
    {
        var record = sandbox.Record;
        var credentials = Credentials(sandbox.Folder);
        _steps.Begin("preparing an empty data folder");
        var template = await new Templates(catalog.Root).EnsureAsync(spec, cancellationToken);
        if (spec.Tls)
            TlsFiles.Ensure(TlsPaths.Below(sandbox.Folder), record.Name, spec.Host, clock.GetUtcNow());
        if (spec.Topology != SandboxTopology.Single)
            GroupWriter.Write(sandbox.Folder, record);
        await GroupRun.EachAsync(
            record.Nodes,
            sandbox,
            node => $"installing {node.Name}",
            async (node, token) =>
            {
                NodeWriter.Write(node with { Credentials = credentials }, template);
                await NodeRun.InitAsync(node, token);
                await NodeRun.StartAsync(node, token);
            },
            _steps,
            cancellationToken);
        await GroupRun.EachAsync(
            record.Nodes.Where(node => node.Sources.Count > 0),
            sandbox,
            node => $"initializing {node.Name}",
            (node, token) => ConnectAsync(sandbox, node with { Credentials = credentials }, token),
            _steps,
            cancellationToken);
        var made = record with { State = SandboxState.Made };
        made.Write(sandbox.Folder);
        return new SandboxInstance(catalog.Root, made);
    }

    private async Task ConnectAsync(SandboxInstance sandbox, NodeFiles node, CancellationToken cancellationToken)
    {
        var statements = ReplicationStatements.For(spec.Server);
        await using var session = await sandbox.OpenAsync(node.Node, cancellationToken);
        foreach (var source in GroupWiring.SourcesOf(node))
            await ReplicationWiring.ConnectAsync(session, statements, source, cancellationToken);
        await ReplicationWiring.WaitUntilRunningAsync(session, statements, node.Node.Sources.Count, ConnectPatience, clock, cancellationToken);
    }

    private SandboxCredentials Credentials(string folder)
    {
        if (SandboxInstance.ReadCredentials(folder) is { } kept)
            return kept;
        var credentials = spec.Credentials ?? SandboxCredentials.Generate();
        SafeFile.Write(Path.Combine(folder, SandboxInstance.CredentialsFile), JsonSerializer.Serialize(credentials), SafeFile.Secret);
        return credentials;
    }
}
