using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Guard;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>The connection to the guard of one server, made again when it is lost: what the guard says becomes inputs.</summary>
internal sealed class GuardLink(GuardOptions options, ServerName server, Func<Func<long, AgentInput>, Task> post, Action superseded, Action lost, ILogger logger) : IServerProcess
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan GonePeriod = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _ending = new();
    private volatile GuardClient? _client;
    private volatile bool _isQuitting;
    private readonly Lock _gate = new();
    private (ulong Epoch, long? DeadlineNs)? _wanted;
    private bool _isMoving;
    private Task _running = Task.CompletedTask;

    /// <exception cref="GuardException">There is no connection.</exception>
    public GuardClient Client => _client ?? throw new GuardException("the guard is not connected");

    public GuardState State => _client?.State ?? default;

    public void Start() => _running = RunAsync(_ending.Token);

    /// <summary>Moves the deadline, or takes it away; the machine is told what came of it. One at a time: of those that come while the guard has not answered only the last counts.</summary>
    public async Task SetDeadlineAsync(ulong epoch, long? deadlineNs)
    {
        lock (_gate)
        {
            _wanted = (epoch, deadlineNs);
            if (_isMoving)
                return;
            _isMoving = true;
        }

        while (TakeWanted() is var (nextEpoch, nextDeadlineNs))
            await MoveAsync(nextEpoch, nextDeadlineNs);
    }

    /// <summary>Tells the machine how the server is when it takes the input: never what was before. Says nothing while nobody knows.</summary>
    public Task TellAsync() => _client is null ? Task.CompletedTask : post(now => new GuardTold(now, server, ProcessWords.StatusOf(State)));

    /// <summary>Ends the guard, whose server has ended; no other one is made.</summary>
    /// <exception cref="GuardException">There is no connection, or it does not end.</exception>
    public Task QuitAsync()
    {
        _isQuitting = true;
        return Client.QuitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    private (ulong Epoch, long? DeadlineNs)? TakeWanted()
    {
        lock (_gate)
        {
            var wanted = _wanted;
            _wanted = null;
            _isMoving = wanted is not null;
            return wanted;
        }
    }

    private async Task MoveAsync(ulong epoch, long? deadlineNs)
    {
        try
        {
            await (deadlineNs is { } deadline ? Client.ArmAsync(epoch, deadline, _ending.Token) : Client.ReleaseAsync(epoch, _ending.Token));
        }
        catch (Exception failure)
        {
            if (_ending.IsCancellationRequested)
                return;
            Log.GuardTold(logger, server.ToString(), failure.Message);
        }

        await TellAsync();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var former = 0;
        await RenewAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested && !_isQuitting)
        {
            try
            {
                await using var client = await GuardClient.ConnectOrStartAsync(options, cancellationToken);
                // A server dies with its guard, but a moment later: until then it is not said to have ended.
                if (client.State.Phase == GuardedPhase.None && former != 0)
                    await UntilGoneAsync(former, cancellationToken);
                _client = client;
                await TellAsync();
                if (await FollowAsync(client, cancellationToken))
                    return;
                if (!_isQuitting)
                    lost();
                former = client.State.ServerProcess;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure)
            {
                Log.GuardTold(logger, server.ToString(), failure.Message);
                await Task.Delay(AgainAfter, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                _client = null;
            }
        }
    }

    /// <summary>A guard of an earlier life has the options, and is the program, of then: one without a server is replaced.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var client = await GuardClient.TryConnectAsync(options, cancellationToken);
            if (client is { State.Phase: not GuardedPhase.Running })
                await client.QuitAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is GuardException or OperationCanceledException)
        {
            // It is connected to below, or that says why not.
        }
    }

    /// <summary>True when another process speaks for the node.</summary>
    private async Task<bool> FollowAsync(GuardClient client, CancellationToken cancellationToken)
    {
        await foreach (var told in client.Events.ReadAllAsync(cancellationToken))
        {
            switch (told.Kind)
            {
                case GuardEventKind.Superseded:
                    superseded();
                    return true;
                case GuardEventKind.LeaseRefused:
                    Log.GuardTold(logger, server.ToString(), $"a lease was refused: {told.Refusal}");
                    break;
                case GuardEventKind.Killed or GuardEventKind.Ended:
                    Log.GuardTold(logger, server.ToString(), ProcessWords.Of(told.State));
                    await TellAsync();
                    break;
                case GuardEventKind.Started:
                    await TellAsync();
                    break;
            }
        }

        return false;
    }

    private static async Task UntilGoneAsync(int process, CancellationToken cancellationToken)
    {
        while (!ProcessEnd.HasEnded(process))
            await Task.Delay(GonePeriod, cancellationToken);
    }
}
