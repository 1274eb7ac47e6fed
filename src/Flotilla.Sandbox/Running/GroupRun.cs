using Flotilla.MySql;

namespace Flotilla.Sandbox;

/// <summary>Does things to all servers of a sandbox, in an order that suits replication, several at a time.</summary>
internal static class GroupRun
{
    /// <summary>More at a time only make each other wait for the disk.</summary>
    private const int AtOnce = 4;

    public static async Task StartAsync(SandboxInstance sandbox, Steps steps, CancellationToken cancellationToken)
    {
        foreach (var tier in Tiers(sandbox))
            await EachAsync(tier, sandbox, node => $"starting {node.Name}", NodeRun.StartAsync, steps, cancellationToken);
    }

    public static async Task StopAsync(SandboxInstance sandbox, Steps steps, CancellationToken cancellationToken)
    {
        foreach (var tier in Tiers(sandbox).Reverse())
            await EachAsync(tier, sandbox, node => $"stopping {node.Name}", NodeRun.StopAsync, steps, cancellationToken);
    }

    public static Task EachAsync(
        IEnumerable<SandboxNode> nodes, SandboxInstance sandbox, Func<SandboxNode, string> text, Func<NodeFiles, CancellationToken, Task> act, Steps steps, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(nodes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (node, token) =>
        {
            steps.Begin(text(node));
            try
            {
                await act(sandbox.Files(node), token);
            }
            catch (SandboxException failure) when (!failure.Message.Contains(node.Name, StringComparison.Ordinal))
            {
                throw new SandboxException(failure.Problem, $"{node.Name}: {failure.Message}", failure);
            }
            catch (MySqlException failure)
            {
                throw new SandboxException(SandboxProblem.ServerFailed, $"{node.Name}: {failure.Message}", failure);
            }
        });

    private static IEnumerable<IEnumerable<SandboxNode>> Tiers(SandboxInstance sandbox)
        => [sandbox.Nodes.Where(node => node.Role != SandboxRole.Replica), sandbox.Nodes.Where(node => node.Role == SandboxRole.Replica)];
}
