using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Carries out, or undoes, one deployment, keeping its journal: a step is in it before it begins and after it has ended.</summary>
internal sealed class DeploymentRun(HostCalls calls, DeploymentFolder folder, DeploymentJournal journal, StepTeller steps)
{
    private readonly Lock _gate = new();

    public DeploymentJournal Journal { get; private set; } = journal;

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var credentials = folder.Credentials();
        var hosts = Journal.Nodes.Where(node => node.NeedsTarball).Select(node => node.Host).Distinct(StringComparer.Ordinal);
        await EachAsync(hosts, FetchAsync, cancellationToken);
        await InstallAsync(0, credentials, cancellationToken);
        var replicas = Enumerable.Range(1, Journal.Nodes.Count - 1);
        await EachAsync(
            replicas,
            async (at, token) =>
            {
                await InstallAsync(at, credentials, token);
                await InitializeAsync(at, token);
            },
            cancellationToken);
        await CheckAsync(cancellationToken);
    }

    /// <summary>Removes servers, replicas first; gives what went wrong.</summary>
    public async Task<IReadOnlyList<string>> UndoAsync(FleetLook look, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var begun = Enumerable.Range(0, Journal.Nodes.Count).Where(at => Journal.Nodes[at].Progress != NodeProgress.Planned).ToList();
        await EachAsync(begun.Where(at => at > 0), (at, token) => RemoveAsync(at, look, problems, token), cancellationToken);
        await EachAsync(begun.Where(at => at == 0), (at, token) => RemoveAsync(at, look, problems, token), cancellationToken);
        return problems;
    }

    /// <summary>All at once; when one fails the others are let finish, so that what they did is known. A failure that is no lost host counts first.</summary>
    private static async Task EachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var tasks = items.Select(item => act(item, cancellationToken)).ToList();
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (DeploymentException)
        {
            var failures = tasks.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException).OfType<DeploymentException>().ToList();
            throw failures.Find(failure => failure.Problem != DeploymentProblem.Unreachable) ?? failures[0];
        }
    }

    private async Task FetchAsync(string host, CancellationToken cancellationToken)
    {
        steps.Begin(Planner.FetchText(Journal, host));
        var fetched = await calls.FetchAsync(host, Journal, text => steps.Detail($"{host}: {text}"), cancellationToken);
        if (ServerText.Of(fetched.Server) != Journal.Version)
            throw new DeploymentException(DeploymentProblem.Checksum, $"{host}: {fetched.File} holds {ServerText.Of(fetched.Server)} and not {Journal.Version}");
    }

    private async Task InstallAsync(int at, SandboxCredentials credentials, CancellationToken cancellationToken)
    {
        var node = Journal.Nodes[at];
        steps.Begin(Planner.InstallText(node, at));
        if (node.Progress == NodeProgress.Planned)
            Keep(at, NodeProgress.Installing);
        var fact = await calls.MakeAsync(Journal, node, credentials, text => steps.Detail($"{node.Host}: {text}"), cancellationToken);
        if (fact is not { State: "made", Answers: true })
            throw new DeploymentException(DeploymentProblem.ServerFailed, $"{node.Host}: {node.Sandbox} was made but {fact.Problem ?? "does not answer"}") { Host = node.Host };
        Keep(at, at == 0 ? NodeProgress.Done : NodeProgress.Installed);
    }

    private async Task InitializeAsync(int at, CancellationToken cancellationToken)
    {
        var node = Journal.Nodes[at];
        steps.Begin(Planner.InitializeText(node, at));
        await calls.InitializeAsync(Journal, node, text => steps.Detail($"{node.Host}: {text}"), cancellationToken);
        Keep(at, NodeProgress.Done);
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        steps.Begin(Planner.CheckText);
        await EachAsync(
            Journal.Nodes,
            async (node, token) =>
            {
                var fact = await calls.StatusAsync(node, token);
                if (fact is not { State: "made", Answers: true })
                    throw new DeploymentException(DeploymentProblem.ServerFailed, $"{node.Host}: {node.Sandbox} does not run: {fact.Problem ?? fact.State}") { Host = node.Host };
                if (node.Role == SandboxRole.Replica && fact.Replication is not ["Yes/Yes"])
                    throw new DeploymentException(DeploymentProblem.ReplicationFailed, $"{node.Host}: {node.Sandbox} does not replicate: {fact.Problem ?? "not connected"}") { Host = node.Host };
            },
            cancellationToken);
    }

    private async Task RemoveAsync(int at, FleetLook look, List<string> problems, CancellationToken cancellationToken)
    {
        var node = Journal.Nodes[at];
        steps.Begin($"removing {node.Title(at)} ({node.Host})");
        try
        {
            if (!look.Knows(HostName.Parse(node.Host)))
                throw new DeploymentException(DeploymentProblem.Unreachable, $"{node.Host}: no worker of it is registered, {node.Sandbox} may still be there");
            await calls.RemoveAsync(Journal, node, cancellationToken);
            Keep(at, NodeProgress.Planned);
        }
        catch (DeploymentException failure)
        {
            lock (problems)
                problems.Add(failure.Message);
        }
    }

    private void Keep(int at, NodeProgress progress)
    {
        lock (_gate)
            Journal = folder.Write(Journal with { Nodes = [.. Journal.Nodes.Select((node, one) => one == at ? node with { Progress = progress } : node)] });
    }
}
