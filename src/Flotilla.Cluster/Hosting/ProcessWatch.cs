using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Guard;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// The process of a server that is only watched: found by who listens on its socket, held by a descriptor until it ends, and left alone. What it has to be started with is in
/// <see cref="StartFile"/>, which is written here and read by whoever starts it.
/// </summary>
internal sealed class ProcessWatch(NodeServerOptions options, Func<Func<long, AgentInput>, Task> post, ILogger logger) : IServerProcess
{
    /// <summary>As often as a server is looked at.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ending = new();
    private readonly StartFile _file = new(options);
    private volatile Seen _seen = new(default);
    private SocketOwner? _held;
    private string? _unwritten;
    private bool _isWritten;
    private Task _running = Task.CompletedTask;

    public GuardState State => _seen.State;

    public void Start() => _running = Task.Run(() => RunAsync(_ending.Token));

    /// <summary>Does nothing: it never has a lease.</summary>
    public Task SetDeadlineAsync(ulong epoch, long? deadlineNs) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _held?.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        Write();
        Look();
        await TellAsync();
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Period, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_isWritten)
                Write();
            if (Look())
                await TellAsync();
        }
    }

    /// <summary>True when it began or ended.</summary>
    private bool Look()
    {
        if (_held is { IsAlive: true })
            return false;
        var ended = _held is not null;
        _held?.Dispose();
        _held = SocketOwner.Find(options.Socket);
        if (_held is null && !ended)
            return false;
        _seen = new(_held is { Process: var process }
            ? new GuardState { Phase = GuardedPhase.Running, ServerProcess = process, StartedNs = BootClock.NowNs }
            : State with { Phase = GuardedPhase.Ended, Exit = ServerExit.Unknown, EndedNs = BootClock.NowNs });
        return true;
    }

    private Task TellAsync() => post(now => new GuardTold(now, options.Name, ProcessWords.StatusOf(State)));

    private void Write()
    {
        try
        {
            _file.Write(ServerRole.Primary);
            _isWritten = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (_unwritten != failure.Message)
                Log.GuardTold(logger, options.Name.ToString(), $"{_file.Path} can't be written: {failure.Message}");
            _unwritten = failure.Message;
        }
    }

    /// <summary>Read and written whole.</summary>
    private sealed record Seen(GuardState State);
}
