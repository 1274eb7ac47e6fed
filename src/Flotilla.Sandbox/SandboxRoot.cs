namespace Flotilla.Sandbox;

/// <summary>
/// All sandboxes below one folder: makes, starts, stops, looks at and removes them. Thread-safe, and safe beside other processes that use the
/// same folder: who works on a sandbox holds a lock, others wait. Every method throws <see cref="SandboxException"/> when the world is wrong.
/// </summary>
/// <param name="folder">Where they are; made when the first one is.</param>
/// <param name="clock">Time; null: the system's.</param>
public sealed class SandboxRoot(string folder, TimeProvider? clock = null)
{
    private readonly Catalog _catalog = new(Path.GetFullPath(folder));
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>What $FLOTILLA_SANDBOXES says, else <c>sandboxes</c> in the home folder.</summary>
    public static string DefaultFolder => Environment.GetEnvironmentVariable("FLOTILLA_SANDBOXES") is { Length: > 0 } given
        ? given : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "sandboxes");

    public string Folder => _catalog.Root;

    /// <summary>Where tarballs are unpacked.</summary>
    public string ServerFolder => Path.Combine(Folder, ".servers");

    /// <summary>All sandboxes, half-made ones too, by name.</summary>
    public IReadOnlyList<SandboxInstance> List() => [.. _catalog.List().Select(record => new SandboxInstance(Folder, record))];

    /// <summary>Null when there is none of that name.</summary>
    public SandboxInstance? Find(string name) => _catalog.Find(name) is { } record ? new SandboxInstance(Folder, record) : null;

    /// <summary>Who has a port: a sandbox, or a process; null when it is free.</summary>
    /// <exception cref="SandboxException">The address is none of this host.</exception>
    public string? HolderOf(string bindAddress, int port)
        => Planner.Taken(port, _catalog.List(), one => PortCheck.IsFree(bindAddress, one) ? null : PortCheck.Holder(one));

    /// <summary>True while some process makes, starts, stops or removes it.</summary>
    public bool IsBusy(string name) => _catalog.IsLocked(name);

    /// <summary>
    /// Makes what the spec asks for and starts it. What is there already and was asked for in the same words is finished where it is half-made,
    /// started where it is stopped, and otherwise left alone. When it fails or is cancelled, everything it made is taken away again.
    /// </summary>
    public async Task<SandboxInstance> CreateAsync(SandboxSpec spec, IProgress<SandboxStep>? progress = null, CancellationToken cancellationToken = default)
    {
        if (spec.Problems() is { Count: > 0 } problems)
            throw new SandboxException(SandboxProblem.BadRequest, string.Join("; ", problems));
        // Option files end a value there.
        if (Folder.FirstOrDefault(one => one is '#' or '\\' or '"' || char.IsControl(one)) is var odd and not '\0')
            throw new SandboxException(SandboxProblem.BadRequest, $"the path of the root folder ({Folder}) holds {(char.IsControl(odd) ? "a control character" : odd)}, which the server's option file can't; take another");
        spec.Credentials?.Validate();
        using var ours = await _catalog.LockAsync(spec.FolderName, cancellationToken);
        return await new Maker(_catalog, spec, progress, _clock).MakeAsync(cancellationToken);
    }

    /// <summary>Starts its servers, those that are replicated from first; running ones are left alone.</summary>
    public async Task<SandboxInstance> StartAsync(string name, IProgress<SandboxStep>? progress = null, CancellationToken cancellationToken = default)
    {
        using var ours = await _catalog.LockAsync(name, cancellationToken);
        var sandbox = Made(name);
        await GroupRun.StartAsync(sandbox, new Steps(progress, sandbox.Nodes.Count), cancellationToken);
        return sandbox;
    }

    /// <summary>Stops its servers, replicas first.</summary>
    public async Task<SandboxInstance> StopAsync(string name, IProgress<SandboxStep>? progress = null, CancellationToken cancellationToken = default)
    {
        using var ours = await _catalog.LockAsync(name, cancellationToken);
        var sandbox = Made(name);
        await GroupRun.StopAsync(sandbox, new Steps(progress, sandbox.Nodes.Count), cancellationToken);
        return sandbox;
    }

    /// <summary>Looks at its servers.</summary>
    public async Task<SandboxStatus> StatusAsync(string name, CancellationToken cancellationToken = default)
    {
        var sandbox = Find(name) ?? throw NotFound(name);
        return new SandboxStatus(sandbox, await Task.WhenAll(sandbox.Nodes.Select(node => NodeRun.LookAsync(sandbox, node, cancellationToken))));
    }

    /// <summary>Ends its servers at once and removes all its files. False when there is none of that name.</summary>
    public async Task<bool> RemoveAsync(string name, IProgress<SandboxStep>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_catalog.Find(name) is null)
            return false;
        using var ours = await _catalog.LockAsync(name, cancellationToken);
        if (_catalog.Find(name) is not { } record)
            return false;
        new Steps(progress, 1).Begin($"removing {name}");
        await Remover.RemoveAsync(_catalog, record);
        return true;
    }

    private SandboxInstance Made(string name)
    {
        var sandbox = Find(name) ?? throw NotFound(name);
        return sandbox.Record.State == SandboxState.Made ? sandbox : throw new SandboxException(
            SandboxProblem.Conflict, $"sandbox {name} is half-made: give its 'create' once more to finish it, or delete it");
    }

    private SandboxException NotFound(string name)
    {
        var names = _catalog.List().Select(record => record.Name).ToList();
        return new SandboxException(
            SandboxProblem.NotFound, $"there is no sandbox {name} in {Folder}{(names.Count > 0 ? $", only {string.Join(", ", names)}" : "")}");
    }
}
