using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// What a node does to one database server. It only acts: what is to be done is decided elsewhere. Every action is idempotent, has a deadline and throws
/// <see cref="ServerActionException"/>; none writes to the binary log. Actions open sessions of their own, so they may run at the same time, but only those that make sense together.
/// </summary>
public sealed partial class ServerControl
{
    /// <summary>Waits for something to happen on the server look at least so often.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly ManagedServer _server;
    private readonly ServerLimits _limits;
    private readonly ActionRunner _runner;

    public ServerControl(ManagedServer server, ServerLimits limits, TimeProvider time)
    {
        if (limits.Problems() is { Count: > 0 } problems)
            throw new ArgumentException("the limits cannot be used: " + string.Join("; ", problems), nameof(limits));
        _server = server;
        _limits = limits;
        _runner = new ActionRunner(server, limits, time);
    }

    public ServerName Name => _server.Name;

    /// <summary>Ends the sessions that nodes have on this server: those of a process of this node that died may still be at work. The caller may be an administrator.</summary>
    public Task EndFormerSessionsAsync(MySqlOptions administrator, CancellationToken cancellationToken = default)
        => new ActionRunner(_server with { Session = administrator }, _limits, _runner.Time).RunAsync(
            "end former sessions",
            _limits.Quick,
            async session =>
            {
                var former = await NodeSessionsAsync(session);
                foreach (var id in former)
                    await KillAsync(session, id);
                await UntilAsync(session, async () => !former.Overlaps(await NodeSessionsAsync(session)));
            },
            cancellationToken);

    /// <summary>Looks until it holds; the action's deadline ends it otherwise.</summary>
    private async Task UntilAsync(ActionSession session, Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(Period, _runner.Time, session.CancellationToken);
    }

    private static async Task<HashSet<string>> NodeSessionsAsync(ActionSession session)
        => [.. (await session.TableAsync($"SELECT id FROM information_schema.processlist WHERE user = '{ServerAccounts.NodeUser}'")).Rows.Select(row => row[0]!)];

    private static async Task<bool> IsReadOnlyAsync(ActionSession session) => await session.ScalarAsync("SELECT @@GLOBAL.read_only") == "1";
}
