using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>
/// Deploys replication on hosts through their workers, looks after it, and takes it away. Every method throws <see cref="DeploymentException"/>
/// when the world is wrong. One deployment is worked on by one process at a time.
/// </summary>
public sealed class Deployer : IAsyncDisposable
{
    private const int PortRounds = 4;
    private const int PortFirst = 3000;
    private const int PortsPerRound = 16;

    private readonly DeployerOptions _options;
    private readonly Fleet _fleet;
    private readonly HostCalls _calls;

    /// <exception cref="DeploymentException">A job server is open to others and there is neither secret nor certificate.</exception>
    public Deployer(DeployerOptions options)
    {
        _options = options;
        _fleet = new Fleet(options.Access);
        _calls = new HostCalls(_fleet);
    }

    /// <summary>Names of the deployments that were made from here.</summary>
    public static IReadOnlyList<string> List(string folder) => DeploymentFolder.List(folder);

    /// <summary>The journal of a deployment; null when there is none.</summary>
    public static DeploymentJournal? Find(string folder, string name) => BareName.IsSandbox(name) ? new DeploymentFolder(folder, name).Read() : null;

    /// <summary>Asks all hosts and decides; writes nothing anywhere.</summary>
    public async Task<DeploymentPlan> PlanAsync(ReplicationSpec spec, CancellationToken cancellationToken = default)
    {
        if (spec.Problems() is { Count: > 0 } problems)
            throw new DeploymentException(DeploymentProblem.BadRequest, string.Join("; ", problems));
        await RequireKnownAsync(spec.Hosts, cancellationToken);
        var hosts = await AskAsync(spec.Hosts, [], cancellationToken);
        var (version, tarball) = Planner.Choose(spec, hosts);
        for (var round = 0; ; round++)
        {
            var (journal, conflicts) = await TryPortsAsync(spec, hosts, version, tarball, round, cancellationToken);
            if (journal is null && round < PortRounds)
                continue;
            if (journal is null)
                throw new DeploymentException(DeploymentProblem.Conflict, "no port was found that is free on all hosts; name one with --base-port");
            if (new DeploymentFolder(_options.Folder, journal.Name).Read() is { } there)
                conflicts = [.. conflicts, $"there is a deployment {there.Name} here already ({there.State.ToString().ToLowerInvariant()}); --resume goes on with it, 'flotilla deploy remove {there.Name}' takes it away"];
            return conflicts.Count == 0 ? new DeploymentPlan(journal, Planner.Steps(journal)) : throw new DeploymentException(
                DeploymentProblem.Conflict, $"nothing was done: {string.Join("; ", conflicts)}");
        }
    }

    /// <summary>Carries a plan out. When a step fails, everything is taken away again; when a worker is lost or the token fires, the journal stays for <see cref="ResumeAsync"/>.</summary>
    public async Task<DeploymentJournal> DeployAsync(DeploymentPlan plan, IProgress<DeploymentStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var folder = new DeploymentFolder(_options.Folder, plan.Journal.Name);
        using var ours = folder.Lock();
        if (folder.Read() is not null)
            throw new DeploymentException(DeploymentProblem.Conflict, $"there is a deployment {plan.Journal.Name} in {_options.Folder} already");
        var client = await FindClientAsync(cancellationToken);
        return await RunAsync(folder, folder.Write(plan.Journal), client, progress, cancellationToken);
    }

    /// <summary>Goes on with a deployment that was begun: what is done is looked at and left alone.</summary>
    public async Task<DeploymentJournal> ResumeAsync(string name, IProgress<DeploymentStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(name);
        using var ours = folder.Lock();
        var journal = folder.MustRead();
        if (journal.State == DeploymentState.Removing)
            throw new DeploymentException(DeploymentProblem.Conflict, $"the deployment {name} is half removed; 'flotilla deploy remove {name}' finishes that");
        await RequireKnownAsync([.. journal.Nodes.Select(node => HostName.Parse(node.Host))], cancellationToken);
        return await RunAsync(folder, journal, await FindClientAsync(cancellationToken), progress, cancellationToken);
    }

    /// <summary>Asks how every server is.</summary>
    public async Task<IReadOnlyList<NodeCondition>> StatusAsync(string name, CancellationToken cancellationToken = default)
    {
        var journal = FolderOf(name).MustRead();
        var look = await _fleet.LookAsync(cancellationToken);
        return await Task.WhenAll(journal.Nodes.Select(async node =>
        {
            if (!look.Knows(HostName.Parse(node.Host)))
                return new NodeCondition(node, null, $"no job server knows a worker of {node.Host}");
            try
            {
                var fact = await _calls.StatusAsync(node, cancellationToken);
                return new NodeCondition(node, fact, ProblemOf(node, fact));
            }
            catch (DeploymentException failure)
            {
                return new NodeCondition(node, null, failure.Message);
            }
        }));
    }

    /// <summary>Asks hosts what they are, have and lack. All that are known when none is named.</summary>
    /// <param name="hosts">Hosts by name.</param>
    /// <param name="sandboxOf">Per host, the sandbox whose log's end is wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<HostDiagnosis>> DiagnoseAsync(
        IReadOnlyList<HostName> hosts, IReadOnlyDictionary<string, string>? sandboxOf = null, CancellationToken cancellationToken = default)
    {
        var look = await _fleet.LookAsync(cancellationToken);
        if (look.Hosts.Count == 0 && look.Problems.Count > 0)
            throw new DeploymentException(DeploymentProblem.Unreachable, $"no job server answers: {string.Join("; ", look.Problems)}");
        var wanted = hosts.Count > 0 ? hosts.Select(host => host.ToString()).Distinct(StringComparer.Ordinal) : look.Hosts;
        return await Task.WhenAll(wanted.Select(async host =>
        {
            if (!look.Knows(HostName.Parse(host)))
                return new HostDiagnosis(host, null, UnknownText(look, [host]));
            try
            {
                return new HostDiagnosis(host, await _calls.DiagnoseAsync(host, new DiagnoseArguments { Sandbox = sandboxOf?.GetValueOrDefault(host) }, cancellationToken), null);
            }
            catch (DeploymentException failure)
            {
                return new HostDiagnosis(host, null, failure.Message);
            }
        }));
    }

    /// <summary>Takes a deployment away, on every host and here. What can't be reached stays in the journal, for the next time.</summary>
    public async Task RemoveAsync(string name, IProgress<DeploymentStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(name);
        using var ours = folder.Lock();
        var journal = folder.MustRead();
        var problems = await UndoAsync(folder, journal, progress, cancellationToken);
        if (problems.Count > 0)
            throw new DeploymentException(DeploymentProblem.Unreachable, $"not all could be removed: {string.Join("; ", problems)}. 'flotilla deploy remove {name}' goes on when that is mended");
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    private static string? ProblemOf(DeployedNode node, SandboxFact fact)
        => fact.Problem ?? (fact.State != "made" ? $"it is {fact.State}" : !fact.Answers ? "it does not answer" : node.Role == SandboxRole.Replica && fact.Replication is not ["Yes/Yes"] ? "it does not replicate" : null);

    private static string UnknownText(FleetLook look, IEnumerable<string> hosts)
        => $"no worker of {string.Join(", ", hosts)} is registered; known are: {look.HostText}{(look.Problems.Count > 0 ? $" (not reached: {string.Join("; ", look.Problems)})" : "")}. Start one there with 'flotilla worker host'";

    private DeploymentFolder FolderOf(string name)
        => BareName.IsSandbox(name) ? new DeploymentFolder(_options.Folder, name) : throw new DeploymentException(DeploymentProblem.BadRequest, $"'{name}' is no name of a deployment");

    private async Task RequireKnownAsync(IReadOnlyList<HostName> hosts, CancellationToken cancellationToken)
    {
        var look = await _fleet.LookAsync(cancellationToken);
        var unknown = hosts.Where(host => !look.Knows(host)).Select(host => host.ToString()).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
            throw new DeploymentException(DeploymentProblem.Unreachable, UnknownText(look, unknown));
    }

    private async Task<IReadOnlyDictionary<string, HostFacts>> AskAsync(IReadOnlyList<HostName> hosts, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        var names = hosts.Select(host => host.ToString()).Distinct(StringComparer.Ordinal).ToList();
        var facts = await Task.WhenAll(names.Select(name => _calls.DiagnoseAsync(name, new DiagnoseArguments { Ports = ports }, cancellationToken)));
        return names.Zip(facts).ToDictionary(one => one.First, one => one.Second, StringComparer.Ordinal);
    }

    /// <summary>The journal to be with ports that all hosts were asked about; null when the ports of this round are all taken.</summary>
    private async Task<(DeploymentJournal?, IReadOnlyList<string>)> TryPortsAsync(
        ReplicationSpec spec, IReadOnlyDictionary<string, HostFacts> hosts, string version, TarballChoice? tarball, int round, CancellationToken cancellationToken)
    {
        var offsets = Planner.OffsetsOf([.. spec.Hosts.Select(host => hosts[host.ToString()])]);
        var span = offsets.Max() + 1;
        var first = spec.BasePort ?? Math.Max(PortFirst, ServerVersion.Parse(version).UsualPort) + (round * PortsPerRound);
        var ports = Enumerable.Range(first, spec.BasePort is null ? Math.Min(Math.Max(PortsPerRound, span), DiagnoseArguments.PortsMax) : span).ToList();
        var asked = await AskAsync(spec.Hosts, ports, cancellationToken);
        var nodes = spec.Hosts.Select(host => asked[host.ToString()]).ToList();
        var port = spec.BasePort ?? ports.Take(ports.Count - span + 1)
            .FirstOrDefault(candidate => nodes.Select((node, at) => node.Ports.First(one => one.Port == candidate + offsets[at])).All(one => one.Holder is null));
        if (port == 0)
            return (null, []);
        var journal = Planner.Write(spec, nodes, version, tarball, port, [.. _options.Access.Servers.Select(server => server.ToString())], _options.Access.TimeProvider.GetUtcNow());
        return (journal, Planner.Conflicts(journal, asked));
    }

    private async Task<DeploymentJournal> RunAsync(
        DeploymentFolder folder, DeploymentJournal journal, string client, IProgress<DeploymentStep>? progress, CancellationToken cancellationToken)
    {
        var run = new DeploymentRun(_calls, folder, journal, new StepTeller(progress, Planner.Steps(journal).Count));
        try
        {
            await run.ApplyAsync(cancellationToken);
            WriteScripts(folder, run.Journal, client);
            return folder.Write(run.Journal with { State = DeploymentState.Deployed });
        }
        catch (DeploymentException failure) when (failure.Problem == DeploymentProblem.Unreachable)
        {
            throw new DeploymentException(
                failure.Problem, $"{failure.Message}. What was done is kept: go on with --resume, or take it away with 'flotilla deploy remove {journal.Name}'", failure) { Host = failure.Host };
        }
        catch (DeploymentException failure) when (journal.State != DeploymentState.Deployed)
        {
            var left = await UndoAsync(folder, run.Journal, progress, CancellationToken.None);
            throw new DeploymentException(
                failure.Problem,
                left.Count == 0 ? $"{failure.Message}. Everything was taken away again" : $"{failure.Message}. Not all could be taken away again: {string.Join("; ", left)}; 'flotilla deploy remove {journal.Name}' does the rest",
                failure) { Host = failure.Host };
        }
    }

    /// <summary>The client program that the scripts here are made with: asked for before anything is written anywhere.</summary>
    private async Task<string> FindClientAsync(CancellationToken cancellationToken)
    {
        var finder = ServerFinder.Create();
        if ((_options.Client ?? finder.FindClient()) is { } client)
            return client;
        var unpacked = await finder.FindAllAsync(new SandboxRoot(SandboxRoot.DefaultFolder).ServerFolder, cancellationToken);
        return unpacked.Select(server => server.Client).FirstOrDefault(File.Exists) ?? throw new DeploymentException(
            DeploymentProblem.Missing,
            "the scripts of a deployment need a command-line client (mariadb or mysql), and there is none here. Install mariadb-client, or have one fetched by 'flotilla sandbox install-server'");
    }

    private static void WriteScripts(DeploymentFolder folder, DeploymentJournal journal, string client)
    {
        try
        {
            folder.WriteScripts(journal, client);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SandboxException)
        {
            throw new DeploymentException(DeploymentProblem.Storage, $"the scripts in {folder.Path} could not be written: {failure.Message}", failure);
        }
    }

    /// <summary>Removes what was begun, replicas first; gives what went wrong. The folder goes when nothing did.</summary>
    private async Task<IReadOnlyList<string>> UndoAsync(DeploymentFolder folder, DeploymentJournal journal, IProgress<DeploymentStep>? progress, CancellationToken cancellationToken)
    {
        var run = new DeploymentRun(_calls, folder, folder.Write(journal with { State = DeploymentState.Removing }), new StepTeller(progress, journal.Nodes.Count));
        var problems = await run.UndoAsync(await _fleet.LookAsync(cancellationToken), cancellationToken);
        if (problems.Count == 0)
            folder.Delete();
        return problems;
    }
}
