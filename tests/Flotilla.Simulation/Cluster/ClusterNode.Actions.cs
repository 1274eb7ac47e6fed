using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Simulation.Cluster;

/// <summary>Actions: done at some time between their beginning and their end.</summary>
internal sealed partial class ClusterNode
{
    private const long ActionLimitNs = 5_000_000_000;

    private bool IsMySql => world.Parameters.Kind == ServerKind.MySql;

    public void Do(ServerName name, ServerAction action)
    {
        var server = world.Server(name);
        world.Count("action: " + action.GetType().Name);
        if (Index == world.Parameters.Watched && action is StartServer or KillServer or Provision or BecomePrimary or MakeWritable)
            world.Checks.Fail("W", $"{name} is only watched, and its node wants {action}");
        var wait = action switch
        {
            StartServer => world.Random.Next(50, 1_500),
            Provision => world.Random.Next(500, 3_000),
            _ => world.Random.Next(1, 30),
        };
        Later(wait * 1_000_000L, () => Try(server, action, world.NowNs + ActionLimitNs));
    }

    private void Try(ModelServer server, ServerAction action, long limitNs)
    {
        var (result, compared) = Act(server, action);
        if (result is null && world.NowNs < limitNs)
        {
            Later(20_000_000, () => Try(server, action, limitNs));
            return;
        }

        if (result is null && action is MakeReadOnly)
            server.Block(false);
        var failure = result ?? "takes too long";
        Later(world.Random.Next(100, 2_000) * 1_000L, () => InLine(() => Step(now => new ActionEnded(now, server.Name, action, failure.Length == 0 ? null : failure) { Compared = compared })));
    }

    // Empty when it was done, null when it goes on, else why not.
    private (string? Result, Comparison? Compared) Act(ModelServer server, ServerAction action)
    {
        switch (action)
        {
            case StartServer start:
                if (server.IsDiskFull)
                    return ("no space left on device", null);
                if (!server.IsRunning)
                {
                    server.Begin(start.Role);
                    world.Guard(server).ServerBegins();
                    TellGuard();
                }

                return ("", null);
            case KillServer kill:
                server.Kill(kill.Why);
                return ("", null);
        }

        if (!server.IsRunning || !world.IsLinked(Index, server.Host))
            return ("no connection", null);
        if (server.IsMute)
            return (null, null);
        switch (action)
        {
            case MakeReadOnly:
                if (!server.IsReadOnly)
                    server.Block(true);
                if (server.HasPending)
                    return (null, null);
                server.SetReadOnly(true);
                return ("", null);
            case BecomePrimary become:
                server.DropSource();
                server.AcknowledgeAsReplica(false);
                server.WaitForReplicas(false);
                server.WriteEpoch(world.NextTransaction());
                server.Allow(become.Allowed);
                server.WaitForReplicas(become.Waits);
                return ("", null);
            case MakeWritable writable:
                server.SetReadOnly(false);
                world.Checks.Writable(server, writable.Epoch, _machine!.State!);
                return ("", null);
            case AllowReplicas allow:
                server.Allow(allow.Allowed);
                return ("", null);
            case WaitForReplicas wait:
                server.WaitForReplicas(wait.Waits);
                return ("", null);
            case StopReceiver:
                server.StopReceiver();
                return ("", null);
            case ApplyRelayLog:
                server.ApplyRelayLog();
                return ("", null);
            case Follow follow:
                server.AcknowledgeAsReplica(!IsMySql);
                server.Follow(world.Server(follow.Source));
                return ("", null);
            case Fetch fetch:
                server.Follow(world.Server(fetch.Source), ((GtidPosition)fetch.Until).OfDomain(0)?.Sequence);
                return ("", null);
            case RunHook:
                return ("", null);
            default:
                return Rejoin(server, action);
        }
    }

    private (string? Result, Comparison? Compared) Rejoin(ModelServer server, ServerAction action)
    {
        var name = action switch { Compare one => one.Primary, SaveErrant one => one.Primary, FlashBack one => one.Primary, Provision one => one.Donor, _ => throw new InvalidOperationException() };
        var other = world.Server(name);
        if (other is not { IsRunning: true, IsMute: false } || !world.IsLinked(Index, other.Host))
            return ($"{name} does not answer", null);
        var errant = server.Log.FindIndex(one => !other.Has(one.Id));
        switch (action)
        {
            case Compare when IsMySql && errant >= 0:
                return ($"it has {server.Log[errant].Gtid}, which the primary has not; with MySQL people mend that", null);
            case SaveErrant or FlashBack or Provision when IsMySql:
                return ("on MySQL people mend that", null);
            case Compare:
                return ("", errant < 0 ? Comparison.Fits : server.Log[errant].Id % 3 == 0 ? Comparison.ErrantForGood : Comparison.Errant);
            case SaveErrant:
                server.Saved.UnionWith(server.Log.Where(one => !other.Has(one.Id)).Select(one => one.Id));
                return ("", null);
            case FlashBack { Known: var known } when !known.Equals(server.Logged):
            case Provision { Known: var seen } when !seen.Equals(server.Logged):
                return ("was written meanwhile", null);
            case FlashBack when errant >= 0:
                server.DropSource();
                server.Truncate(errant);
                return ("", null);
            case Provision:
                server.DropSource();
                server.FillFrom(other);
                return ("", null);
            default:
                return ("", null);
        }
    }
}
