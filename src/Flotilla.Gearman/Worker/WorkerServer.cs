using Flotilla.Gearman.Connections;

namespace Flotilla.Gearman.Worker;

/// <summary>Keeps one lane connected to one server: connects, waits for the end, and comes back after a while.</summary>
internal sealed class WorkerServer(GearmanWorker owner, WorkerPool pool, WorkerLane lane, GearmanAddress address)
{
    public GearmanWorker Owner { get; } = owner;

    public GearmanAddress Address { get; } = address;

    /// <summary>How this server is asked for jobs; found out once and kept over reconnects.</summary>
    public GrabMode Mode { get; private set; } = GrabMode.All;

    public void LowerMode()
    {
        Mode = Mode == GrabMode.All ? GrabMode.Unique : GrabMode.Plain;
        Log.GrabModeLowered(pool.Logger, Address, Mode.ToString());
    }

    public async Task ServeAsync()
    {
        var stop = lane.Stop.Token;
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var session = await OpenAsync(stop);
                failures = 0;
                Log.Connected(pool.Logger, Address);
                await session.Ended;
                if (stop.IsCancellationRequested)
                    return;
                Log.ConnectionEnded(pool.Logger, Address, session.EndReason);
                failures = 1;
                await Task.Delay(pool.Options.BackOff.WaitAfter(failures, Random.Shared.NextDouble()), pool.Options.TimeProvider, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                var wait = pool.Options.BackOff.WaitAfter(++failures, Random.Shared.NextDouble());
                Log.ConnectFailed(pool.Logger, Address, failures, wait, failure.Message);
                await Task.Delay(wait, pool.Options.TimeProvider, stop).ContinueWith(
                    static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    private async Task<WorkerSession> OpenAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(pool.Options.ConnectTimeout, pool.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        WorkerSession? session = null;
        try
        {
            session = new WorkerSession(pool, lane, this, await Dialer.OpenAsync(Address, pool.Options, either.Token));
            await session.GreetAsync().WaitAsync(either.Token);
            lock (pool.Gate)
            {
                stop.ThrowIfCancellationRequested();
                lane.Sessions.Add(session);
                session.Begin();
            }

            session.Flush(inline: true);
            return session;
        }
        catch (Exception failure)
        {
            session?.Close(failure);
            if (failure is OperationCanceledException && timeout.IsCancellationRequested && !stop.IsCancellationRequested)
                throw new GearmanTimeoutException($"connecting to {Address}", pool.Options.ConnectTimeout);
            throw;
        }
    }
}
