using System.Buffers;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <content>How a command begins, ends, fails, and is interrupted.</content>
public sealed partial class MySqlConnection
{
    /// <summary>ER_QUERY_INTERRUPTED.</summary>
    private const int QueryInterrupted = 1317;

    private readonly Lock _lock = new();
    private bool _isBusy;
    private Interruption? _interruption;
    private CancellationTokenRegistration _registration;

    /// <summary>The token of the command under way.</summary>
    internal CancellationToken CommandToken { get; private set; }

    internal bool IsBusy => Volatile.Read(ref _isBusy);

    /// <summary>Nothing is killed on this connection: an interruption closes it. For binlog streams, and for connections that kill.</summary>
    internal bool EndsWhenInterrupted { get; set; }

    /// <summary>The command under way is being killed.</summary>
    internal bool IsInterrupted => Volatile.Read(ref _interruption) is not null;

    /// <summary>Starts a command packet. Nothing is sent if this throws.</summary>
    internal IBufferWriter<byte> BeginCommand(ServerCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!IsOpen)
                throw new MySqlConnectionLostException($"the connection to {Options.Server} is closed");
            if (_isBusy)
                throw new InvalidOperationException("the connection is busy: read the last result to its end or dispose it first, and use one connection from one place at a time");
            _isBusy = true;
        }

        CommandToken = cancellationToken;
        _registration = InterruptOn(cancellationToken);
        var packet = Channel.BeginCommand();
        packet.WriteByte((byte)command);
        return packet;
    }

    /// <summary>The packet could not be written: nothing was sent, so the connection is as before.</summary>
    internal void AbandonCommand()
    {
        Unregister();
        lock (_lock)
            _isBusy = false;
    }

    internal async ValueTask SendCommandAsync()
    {
        try
        {
            if (_statementsToClose.Count > 0)
                await CloseStatementsAsync();
            var sending = Channel.SendAsync();
            if (!sending.IsCompletedSuccessfully)
                await sending;
        }
        catch (Exception e)
        {
            throw await FailCommandAsync(e);
        }
    }

    internal CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken)
        => cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(static self => ((MySqlConnection)self!).Interrupt(isTimeout: false), this)
            : default;

    /// <summary>The server's last word on the command came. Throws the error, or that it was cancelled or timed out.</summary>
    internal ValueTask EndCommandAsync(Exception? error)
    {
        Unregister();
        lock (_lock)
        {
            if (_interruption is null)
            {
                _isBusy = false;
                return error is null ? default : ValueTask.FromException(error);
            }
        }

        return EndInterruptedAsync(error);
    }

    /// <summary>The command came to no orderly end: the connection is of no use any more. Returns what to throw.</summary>
    internal async ValueTask<Exception> FailCommandAsync(Exception error)
    {
        Abort();
        await _registration.DisposeAsync();
        Interruption? interruption;
        lock (_lock)
        {
            interruption = _interruption;
            _interruption = null;
            _isBusy = false;
        }

        if (interruption is null)
            return error;
        await interruption.EndAsync();
        return Explain(interruption, error);
    }

    /// <summary>Kills the command under way, if there is one, over a connection of its own.</summary>
    internal void Interrupt(bool isTimeout)
    {
        lock (_lock)
        {
            if (!_isBusy || _interruption is not null || !IsOpen)
                return;
            var interruption = new Interruption(this, isTimeout);
            if (!EndsWhenInterrupted)
                interruption.Start();
            _interruption = interruption;
        }

        if (EndsWhenInterrupted)
            Abort();
    }

    /// <summary>Waits for a cancellation that is being noted at this moment, which is a matter of a lock.</summary>
    private void Unregister() => _registration.Dispose();

    private async ValueTask EndInterruptedAsync(Exception? error)
    {
        var interruption = _interruption!;
        await interruption.EndAsync();
        if (IsOpen && error is not MySqlServerException { Number: QueryInterrupted })
            await TakeLateKillAsync();
        lock (_lock)
        {
            _interruption = null;
            _isBusy = false;
        }

        throw Explain(interruption, error);
    }

    /// <summary>The kill came after the command had ended and may strike the next one: let that be one that does not matter.</summary>
    private async ValueTask TakeLateKillAsync()
    {
        try
        {
            var packet = Channel.BeginCommand();
            packet.WriteByte((byte)ServerCommand.Query);
            packet.Write("DO SLEEP(0)"u8);
            await Channel.SendAsync();
            await Channel.ReadAsync();
        }
        catch (MySqlException)
        {
            Abort();
        }
    }

    private Exception Explain(Interruption interruption, Exception? error)
        => interruption.IsTimeout
            ? new MySqlTimeoutException(
                $"{Options.Server} was silent for {Options.CommandTimeout.TotalSeconds:0.###} s (CommandTimeout); the command was killed{(IsOpen ? "" : ", the connection is closed")}", error)
            : new OperationCanceledException("the command was cancelled", error, CommandToken);
}
