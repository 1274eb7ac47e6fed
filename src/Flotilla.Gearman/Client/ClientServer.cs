using Flotilla.Gearman.Connections;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman.Client;

/// <summary>One job server of a client's list: its connection, or how long it is left alone.</summary>
internal sealed class ClientServer(GearmanAddress address, GearmanClientOptions options, ServerOptionNames serverOptions, ILogger logger)
{
    private readonly Lock _gate = new();
    private ClientSession? _session;
    private Task<ClientSession>? _connecting;
    private int _failures;
    private long _failedAt;
    private TimeSpan _wait;
    private bool _closed;

    public GearmanAddress Address { get; } = address;

    /// <summary>Why the last attempt failed; null after a success.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>True when the last attempt failed, whether or not it may be tried again now.</summary>
    public bool IsSuspect => Volatile.Read(ref _failures) > 0;

    /// <summary>The connection, if there is one that lives.</summary>
    public ClientSession? Live
    {
        get
        {
            var session = Volatile.Read(ref _session);
            return session is { IsAlive: true } ? session : null;
        }
    }

    /// <summary>How long the server is still left alone; zero when it may be tried.</summary>
    public TimeSpan BackOffLeft
    {
        get
        {
            lock (_gate)
            {
                if (_failures == 0)
                    return TimeSpan.Zero;
                var left = _wait - options.TimeProvider.GetElapsedTime(_failedAt);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>A live connection; attempts are shared by all who wait for one.</summary>
    public Task<ClientSession> ConnectAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(GearmanClient));
            if (Live is { } live)
                return Task.FromResult(live);
            return _connecting ??= Task.Run(AttemptAsync);
        }
    }

    public async ValueTask CloseAsync()
    {
        Task<ClientSession>? connecting;
        lock (_gate)
        {
            _closed = true;
            connecting = _connecting;
        }

        if (connecting is not null)
            await connecting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (_session is { } session)
        {
            session.Dispose();
            await session.Ended;
        }
    }

    private async Task<ClientSession> AttemptAsync()
    {
        try
        {
            var session = await OpenAsync();
            lock (_gate)
            {
                _session = session;
                _connecting = null;
                _failures = 0;
                LastFailure = null;
            }

            Log.Connected(logger, Address);
            _ = session.Ended.ContinueWith(
                _ => Log.ConnectionEnded(logger, Address, session.EndReason), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return session;
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                _connecting = null;
                _failures++;
                _failedAt = options.TimeProvider.GetTimestamp();
                _wait = options.BackOff.WaitAfter(_failures, Random.Shared.NextDouble());
                LastFailure = failure;
            }

            Log.ConnectFailed(logger, Address, _failures, _wait, failure.Message);
            throw;
        }
    }

    private async Task<ClientSession> OpenAsync()
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        ClientSession? session = null;
        try
        {
            var transport = await Dialer.OpenAsync(Address, options, deadline.Token);
            session = new ClientSession(transport, Address, options);
            await GreetAsync(session).WaitAsync(deadline.Token);
            return session;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            session?.Dispose();
            throw new GearmanTimeoutException($"connecting to {Address}", options.ConnectTimeout);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>The secret must be accepted; options may be refused. The answers also show that somebody serves the port.</summary>
    private async Task GreetAsync(ClientSession session)
    {
        var greetings = new List<(string Name, Task<bool> Answer)>();
        if (options.Secret is { } secret)
            greetings.Add(("auth", session.SetOptionAsync("auth:" + secret)));
        var required = greetings.Count;
        foreach (var name in serverOptions.Current)
            greetings.Add((name, session.SetOptionAsync(name)));
        for (var i = 0; i < greetings.Count; i++)
        {
            try
            {
                await greetings[i].Answer;
            }
            catch (GearmanServerException refusal) when (i >= required)
            {
                Log.OptionRefused(logger, Address, greetings[i].Name, refusal.Message);
            }
        }
    }
}
