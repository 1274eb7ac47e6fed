using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The functions of a host: which it offers, and who does them.</summary>
internal sealed class HostFunctionSet(HostWorkerOptions options, SandboxRoot root, TarballStore tarballs, HostProbe probe, HostWorker worker) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Owners _owners = new(root);
    private readonly TarballJobs _tarballJobs = new(options, root, tarballs);
    private readonly List<string> _registered = [];
    private int _busy;
    private TaskCompletionSource? _quiet;

    public IReadOnlyList<string> Registered
    {
        get
        {
            lock (_gate)
                return [.. _registered];
        }
    }

    /// <summary>Registers what the host can do and has not registered; gives the names of what is new.</summary>
    public IReadOnlyList<string> Register(HostAbilities abilities)
    {
        lock (_gate)
        {
            var before = _registered.Count;
            RegisterLooks();
            if (abilities.CanFetch)
                RegisterFetch();
            if (abilities.CanMake)
                RegisterServers();
            return [.. _registered.Skip(before)];
        }
    }

    /// <summary>Counts a job that runs, until what it gives is disposed.</summary>
    public IDisposable Enter()
    {
        lock (_gate)
            _busy++;
        return new Leaving(this);
    }

    /// <summary>Ends when no job runs.</summary>
    public Task WhenQuietAsync()
    {
        lock (_gate)
            return _busy == 0 ? Task.CompletedTask : (_quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    public void Dispose() => _tarballJobs.Dispose();

    /// <summary>What any host can do: say how it is, and take away what is there.</summary>
    private void RegisterLooks()
    {
        var (json, jobs) = (DeploymentJson.Default, new SandboxJobs(options, root, probe, _owners));
        if (IsNew(HostFunctions.DiagnoseHost))
            worker.Add(HostFunctions.DiagnoseHost, null, json.DiagnoseArguments, json.HostFacts, (arguments, _, token) => DiagnoseAsync(arguments, jobs, token));
        if (IsNew(HostFunctions.SandboxStatus))
            worker.Add(HostFunctions.SandboxStatus, null, json.SandboxArguments, json.SandboxFact, (arguments, _, token) => jobs.StatusAsync(arguments.Name, token));
        if (IsNew(HostFunctions.RemoveSandbox))
            worker.Add(HostFunctions.RemoveSandbox, null, json.RemoveSandboxArguments, json.SandboxFact, (arguments, _, _) => jobs.RemoveAsync(arguments));
        if (IsNew(HostFunctions.StopSandbox))
            worker.Add(HostFunctions.StopSandbox, null, json.SandboxArguments, json.SandboxFact, jobs.StopAsync);
        if (IsNew(HostFunctions.ReadTarball))
            worker.Add(HostFunctions.ReadTarball, 2, json.ReadTarballArguments, (arguments, _, token) => _tarballJobs.ReadAsync(arguments, token));
    }

    private void RegisterFetch()
    {
        if (!IsNew(HostFunctions.FetchTarball))
            return;
        worker.Add(HostFunctions.FetchTarball, 1, DeploymentJson.Default.FetchTarballArguments, DeploymentJson.Default.FetchedTarball, async (arguments, tell, token) =>
        {
            var fetched = await _tarballJobs.FetchAsync(arguments, tell, token);
            await worker.LookAsync(token);
            return fetched;
        });
    }

    private void RegisterServers()
    {
        var (json, jobs) = (DeploymentJson.Default, new SandboxJobs(options, root, probe, _owners));
        var data = new DataJobs(root, jobs, tarballs);
        if (IsNew(HostFunctions.MakeSandbox))
            worker.Add(HostFunctions.MakeSandbox, options.MakesAtOnce, json.MakeSandboxArguments, json.SandboxFact, jobs.MakeAsync);
        if (IsNew(HostFunctions.InitializeSlave))
            worker.Add(HostFunctions.InitializeSlave, null, json.InitializeSlaveArguments, json.SandboxFact, (arguments, _, token) => jobs.InitializeSlaveAsync(arguments, token));
        if (IsNew(HostFunctions.StartSandbox))
            worker.Add(HostFunctions.StartSandbox, null, json.SandboxArguments, json.SandboxFact, jobs.StartAsync);
        if (IsNew(HostFunctions.InstallPlugin))
            worker.Add(HostFunctions.InstallPlugin, null, json.InstallPluginArguments, json.PluginFact, (arguments, _, token) => data.InstallPluginAsync(arguments, token));
        if (IsNew(HostFunctions.LoadData))
            worker.Add(HostFunctions.LoadData, 1, json.LoadDataArguments, json.LoadedData, data.LoadAsync);
    }

    private bool IsNew(string function)
    {
        if (_registered.Contains(function, StringComparer.Ordinal))
            return false;
        _registered.Add(function);
        return true;
    }

    private async Task<HostFacts> DiagnoseAsync(DiagnoseArguments arguments, SandboxJobs jobs, CancellationToken cancellationToken)
    {
        await worker.LookAsync(cancellationToken);
        var abilities = worker.Abilities;
        return new HostFacts
        {
            Host = options.Name.ToString(),
            Address = options.Address.ToString(),
            System = "linux",
            Architecture = TarballName.OurArchitecture,
            Processors = Environment.ProcessorCount,
            Root = root.Folder,
            FreeBytes = abilities.FreeBytes,
            Functions = Registered,
            Missing = abilities.Missing,
            Servers = [.. abilities.Servers.Select(server => new ServerFact { IsMariaDb = server.IsMariaDb, Version = server.Version.ToString(), Program = server.Server })],
            Tarballs = await tarballs.ListAsync(cancellationToken),
            Sandboxes = jobs.List(),
            Ports = [.. arguments.Ports.Select(port => new PortFact { Port = port, Holder = jobs.HolderOf(port) })],
            LogTail = arguments.Sandbox is { } sandbox ? jobs.LogTail(sandbox) : [],
        };
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_busy > 0)
                return;
            _quiet?.TrySetResult();
            _quiet = null;
        }
    }

    private sealed class Leaving(HostFunctionSet set) : IDisposable
    {
        public void Dispose() => set.Leave();
    }
}
