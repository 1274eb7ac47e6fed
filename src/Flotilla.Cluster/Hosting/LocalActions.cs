using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Servers;
using Flotilla.Guard;
using Flotilla.MySql;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>What the machine wants done on one of this node's servers. One at a time, but for the kill.</summary>
internal sealed class LocalActions(
    NodeServerOptions options, ClusterNodeOptions node, ServerControl control, ServerWatch watch, GuardLink? link, ServerAttachment? attachment, ServerAccounts accounts, RemoteServers others,
    BackupExchange backups, ILogger logger)
{
    /// <summary>From SIGKILL to the end of a process: its memory is given back first.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndPeriod = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LetInWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopGrace = TimeSpan.FromMinutes(1);

    private string? _saved;

    /// <exception cref="ServerActionException">It has none.</exception>
    private GuardLink Guard => link ?? throw NotReady("start, end or promote it", "it is only watched");

    private string ErrantFolder => Path.Combine(node.DataFolder, "errant");

    /// <exception cref="ServerActionException">It failed.</exception>
    /// <exception cref="GuardException">So did the guard.</exception>
    public async Task<Comparison?> RunAsync(ServerAction action, ClusterState state, CancellationToken cancellationToken)
    {
        try
        {
            return await DoAsync(action, state, cancellationToken);
        }
        catch (ServerActionException failure) when (failure.IsInDoubt && failure.Server == options.Name)
        {
            watch.Trust.Doubt();
            throw;
        }
    }

    private async Task<Comparison?> DoAsync(ServerAction action, ClusterState state, CancellationToken cancellationToken)
    {
        switch (action)
        {
            case StartServer start:
                await StartAsync(start.Role, state.LastEpoch, cancellationToken);
                return null;
            case KillServer:
                await KillAsync(cancellationToken);
                return null;
            case StopReceiver:
                await control.StopReceiverAsync(cancellationToken);
                return null;
            case ApplyRelayLog:
                await control.SalvageAsync(node.Limits.ReadLog, cancellationToken);
                return null;
            case Fetch fetch:
                await control.CatchUpFromAsync(others.Find(state, fetch.Source).Address, (GtidPosition)fetch.Until, node.Limits.ReadLog, cancellationToken);
                return null;
            case Follow follow:
                if (state.Epoch?.Ackers.Contains(options.Name) == true)
                    await UntilLetInAsync(others.Find(state, follow.Source).Address, cancellationToken);
                await control.FollowAsync(others.Find(state, follow.Source).Address, cancellationToken);
                return null;
            case Compare compare:
                return await CompareAsync(state, others.Find(state, compare.Primary), cancellationToken);
            case SaveErrant save:
                await SaveErrantAsync(state, save.Primary, cancellationToken);
                return null;
            case FlashBack flashBack:
                await RequireKnownAsync(flashBack.Known, cancellationToken);
                await control.FlashbackAsync(await others.Find(state, flashBack.Primary).Control.LoggedStateAsync(cancellationToken), _saved ?? "", cancellationToken);
                return null;
            case Provision provision:
                await ProvisionAsync(provision, state, cancellationToken);
                return null;
            default:
                await ReignAsync(action, state, cancellationToken);
                return null;
        }
    }

    private async Task ReignAsync(ServerAction action, ClusterState state, CancellationToken cancellationToken)
    {
        switch (action)
        {
            case BecomePrimary become:
                RequireGuard();
                await control.BecomePrimaryAsync(Ids(state, become.Allowed), become.Waits, become.Epoch, cancellationToken);
                break;
            case MakeWritable writable:
                // Asked once more at the last moment: without a lease nobody may write.
                if (Guard.State is not { IsAlive: true } held || held.Epoch != writable.Epoch || held.DeadlineNs <= BootClock.NowNs)
                    throw NotReady("become writable", "it has no lease");
                await control.MakeWritableAsync(cancellationToken);
                break;
            case MakeReadOnly:
                await control.DemoteAsync(cancellationToken);
                break;
            case AllowReplicas allow:
                await control.AllowAsync(Ids(state, allow.Allowed), cancellationToken);
                break;
            case WaitForReplicas wait:
                await control.SetNeedsAcknowledgementAsync(wait.Waits, cancellationToken);
                break;
            case RunHook hook:
                if (hook.Kind == HookKind.AfterPromotion)
                    _ = RunAfterAsync(state, cancellationToken);
                else if (node.BeforePromotion is { } before && await new HookRunner(before, node.RunJob).RunAsync(options.Spec, state, cancellationToken) is { } why)
                    throw NotReady("run a hook", why);
                break;
            default:
                throw new InvalidOperationException($"{action.GetType().Name} is no action of a server");
        }
    }

    /// <summary>Beside everything else: a primary may have to act meanwhile. Once, whatever comes of it.</summary>
    private async Task RunAfterAsync(ClusterState state, CancellationToken cancellationToken)
    {
        if (node.AfterPromotion is not { } after)
            return;
        try
        {
            if (await new HookRunner(after, node.RunJob).RunAsync(options.Spec, state, cancellationToken) is { } why)
                Log.ActionFailed(logger, options.Name.ToString(), "the hook after the promotion", why);
        }
        catch (OperationCanceledException)
        {
            // The node ends.
        }
    }

    private static HashSet<uint> Ids(ClusterState state, IEnumerable<ServerName> names) => [.. names.Select(name => state.Find(name)?.Spec.ServerId).OfType<uint>()];

    // The last line: who decides does not ask for it.
    private void RequireGuard() => _ = Guard;

    private ServerActionException NotReady(string action, string why) => new(options.Name, action, ServerActionProblem.NotReady, statement: null, why);

    private async Task StartAsync(ServerRole role, ulong epoch, CancellationToken cancellationToken)
    {
        if (Guard.State.IsAlive)
            return;
        await UntilEndedAsync(EndWithin, cancellationToken);
        var data = new DataFolder(options.EffectiveDataFolder);
        data.Recover();
        if (options.Kind == ServerKind.MariaDb)
        {
            role = data.RecoveryRole(hasSuccessor: role == ServerRole.Replica);
            // What recovery takes away must be somewhere. Otherwise it takes away nothing, and what the cluster has not is found by the comparison, and saved then.
            if (role == ServerRole.Replica && !new KeptLogs(ErrantFolder, options.Name).Keep(data))
                role = ServerRole.Primary;
        }

        if (attachment is not null)
        {
            await attachment.StartAsync(role, cancellationToken);
            return;
        }

        List<string> arguments = [.. RequiredSettings.StartArguments];
        if (options.Kind == ServerKind.MariaDb)
            arguments.Add(RequiredSettings.RecoveryArgument(role));
        await Guard.Client.StartAsync(role == ServerRole.Primary ? GuardRole.Primary : GuardRole.Replica, epoch, arguments, cancellationToken);
        await Guard.Client.StatusAsync(cancellationToken);
        await Guard.TellAsync();
    }

    private async Task KillAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Guard.Client.KillAsync(cancellationToken);
        }
        catch (GuardRefusedException refusal) when (refusal.Refusal == GuardRefusal.NoServer)
        {
            // That is what was wanted.
        }

        await Guard.TellAsync();
    }

    private async Task UntilEndedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        for (var begun = time.GetTimestamp(); Guard.State.Phase == GuardedPhase.Running; await Task.Delay(EndPeriod, cancellationToken))
        {
            if (time.GetElapsedTime(begun) > within)
                throw NotReady("wait for its end", $"its process is still there after {within.TotalSeconds:0} s");
        }
    }

    // A receiver that comes before its account is unlocked tries again a second later, and commits wait for it meanwhile.
    private async Task UntilLetInAsync(ServerAddress primary, CancellationToken cancellationToken)
    {
        var account = new MySqlOptions
        {
            Host = primary.Host, Port = primary.Port, User = ServerAccounts.ReplicaUser(options.ServerId), Password = accounts.ReplicaPassword(options.ServerId), ConnectTimeout = LetInWithin,
        };
        var time = TimeProvider.System;
        for (var begun = time.GetTimestamp(); time.GetElapsedTime(begun) < LetInWithin; await Task.Delay(EndPeriod, cancellationToken))
        {
            try
            {
                await using var session = await MySqlConnection.OpenAsync(account, cancellationToken);
                return;
            }
            catch (MySqlException)
            {
                // Not yet.
            }
        }
    }

    private async Task<Comparison> CompareAsync(ClusterState state, RemoteServer primary, CancellationToken cancellationToken)
    {
        var primaryState = await primary.Control.LoggedStateAsync(cancellationToken);
        if ((await control.CompareAsync(primaryState, cancellationToken)).Count > 0)
            // A log that was begun anew by hand says nothing of what is common.
            return !GtidState.Parse(primaryState).Has(state.Epoch!.Start) ? Comparison.ErrantForGood : await control.FlashbackObstacleAsync(primaryState, cancellationToken) is null ? Comparison.Errant : Comparison.ErrantForGood;
        // What it lacks and the primary's log has not any more is learnt by asking for it.
        return watch.Replica is { IsReceiverRunning: false } replica && (replica.SourceHost, replica.SourcePort) == (primary.Address.Host, primary.Address.Port)
            && replica.ReceiverError.Contains("too old", StringComparison.Ordinal) ? Comparison.TooOld : Comparison.Fits;
    }

    private async Task SaveErrantAsync(ClusterState state, ServerName primary, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(ErrantFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(ErrantFolder, string.Create(CultureInfo.InvariantCulture, $"{options.Name}-epoch{state.LastEpoch}-{DateTime.UtcNow:yyyyMMddTHHmmssfff}Z.sql"));
        if (await control.SaveErrantAsync(await others.Find(state, primary).Control.LoggedStateAsync(cancellationToken), path, cancellationToken))
            Log.ErrantSaved(logger, options.Name.ToString(), path);
        _saved = path;
    }

    // What came since the comparison was not saved.
    private async Task RequireKnownAsync(ReplicationPosition known, CancellationToken cancellationToken)
    {
        if (await control.LoggedAsync(cancellationToken) is var logged && !known.Contains(logged))
            throw NotReady("take away what the cluster has not", $"it was compared at {known}, and has {logged} now");
    }

    private async Task ProvisionAsync(Provision action, ClusterState state, CancellationToken cancellationToken)
    {
        RequireGuard();
        await backups.ReceiveAsync(action.Donor, options, control, cancellationToken);
        await RequireKnownAsync(action.Known, cancellationToken);
        if (Guard.State.IsAlive)
            await Guard.Client.StopAsync(StopGrace, cancellationToken);
        await UntilEndedAsync(StopGrace + EndWithin, cancellationToken);
        attachment?.RequireEnded();
        new DataFolder(options.EffectiveDataFolder).Swap();
        await StartAsync(ServerRole.Primary, state.LastEpoch, cancellationToken);
        await watch.UntilPreparedAsync(cancellationToken);
        await control.AdoptBackupAsync(await others.Find(state, action.Donor).Control.LoggedStateAsync(cancellationToken), cancellationToken);
    }
}
