using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;
using Flotilla.Gearman.Worker;

namespace Flotilla.Gearman;

/// <summary>A job that a handler does. Its methods are thread-safe; after the handler has ended it must not be used any more.</summary>
public sealed class GearmanJobContext : IThreadPoolWorkItem
{
    /// <summary>The server's clock began first and must ring first: then its queue has the job when this worker asks again.</summary>
    private static readonly TimeSpan TimeoutGrace = TimeSpan.FromMilliseconds(50);

    private readonly WorkerSession _session;
    private readonly CancellationTokenSource _cancellation;
    private readonly byte[]? _rented;
    private int _loss = -1;

    internal GearmanJobContext(
        WorkerSession session, WorkerFunction function, string handle, string unique, string? reducer, in IncomingPacket packet, int payloadBytes)
    {
        _session = session;
        Definition = function;
        Handle = new JobHandle(handle, session.Server);
        Unique = unique;
        Reducer = reducer;
        if (packet.IsOwned || payloadBytes == 0)
        {
            Payload = packet.Detach(payloadBytes);
        }
        else
        {
            _rented = ArrayPool<byte>.Shared.Rent(payloadBytes);
            packet.Body[^payloadBytes..].CopyTo(_rented);
            Payload = _rented.AsMemory(0, payloadBytes);
        }

        if (function.Options.Timeout is { } timeout)
        {
            _cancellation = new CancellationTokenSource(timeout + TimeoutGrace, session.Options.TimeProvider);
            _cancellation.Token.UnsafeRegister(static state => ((GearmanJobContext)state!).MarkLost(JobLossReason.TimedOut), this);
        }
        else
        {
            _cancellation = new CancellationTokenSource();
        }
    }

    public JobHandle Handle { get; }

    public string Function => Definition.Name;

    /// <summary>The unique key; empty where the client gave none or the server does not tell.</summary>
    public string Unique { get; }

    /// <summary>For reduce jobs the function that puts the parts together; otherwise null.</summary>
    public string? Reducer { get; }

    /// <summary>The client's bytes. Valid until the handler ends.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The payload as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>True when the result can't be delivered any more.</summary>
    public bool IsLost => Volatile.Read(ref _loss) >= 0;

    internal WorkerFunction Definition { get; }

    /// <summary>Sends a part of the result (WORK_DATA); the bytes are copied. Waits while the connection has too much to send.</summary>
    /// <exception cref="ConnectionLostException">The connection the job came on has ended.</exception>
    public ValueTask SendDataAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        => SendAsync(PacketType.WorkData, data, cancellationToken);

    /// <summary>Sends a warning (WORK_WARNING); otherwise as <see cref="SendDataAsync"/>.</summary>
    public ValueTask SendWarningAsync(ReadOnlyMemory<byte> warning, CancellationToken cancellationToken = default)
        => SendAsync(PacketType.WorkWarning, warning, cancellationToken);

    /// <summary>Reports progress (WORK_STATUS); otherwise as <see cref="SendDataAsync"/>.</summary>
    public ValueTask SendProgressAsync(long numerator, long denominator, CancellationToken cancellationToken = default)
        => SendAsync(
            PacketType.WorkStatus,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{numerator}\0{denominator}")),
            cancellationToken);

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>The result is of no use any more: the token fires and nothing is sent. Only the first reason counts.</summary>
    internal void MarkLost(JobLossReason reason, bool cancel = true)
    {
        if (Interlocked.CompareExchange(ref _loss, (int)reason, -1) != -1)
            return;
        _session.Pool.Report(new JobLoss(Handle, Function, reason));
        if (!cancel)
            return;
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The handler has just ended.
        }
        catch (AggregateException failure)
        {
            Log.HandlerThrew(_session.Pool.Logger, failure, Function, Handle.Text);
        }
    }

    private async ValueTask SendAsync(PacketType type, ReadOnlyMemory<byte> last, CancellationToken cancellationToken)
    {
        await _session.WaitForRoomAsync(cancellationToken);
        _session.SendUpdate(type, Handle.Text, last.Span);
    }

    private async Task RunAsync()
    {
        var type = PacketType.WorkComplete;
        ReadOnlyMemory<byte> result = default;
        try
        {
            result = await Definition.Handler(this, _cancellation.Token);
        }
        catch (Exception failure)
        {
            (type, result) = Judge(failure);
        }

        if (type != PacketType.None && !IsLost)
            _session.SendResult(type, Handle.Text, result);
        _session.Finish(this);
        _cancellation.Dispose();
        var shared = MemoryMarshal.TryGetArray(result, out var segment) && ReferenceEquals(segment.Array, _rented);
        if (_rented is not null && !shared)
            ArrayPool<byte>.Shared.Return(_rented);
    }

    private (PacketType Type, ReadOnlyMemory<byte> Payload) Judge(Exception failure)
    {
        switch (failure)
        {
            case JobFaultException fault:
                return (PacketType.WorkException, fault.Fault);
            case JobFailedException:
                return (PacketType.WorkFail, default);
            case OperationCanceledException when _cancellation.IsCancellationRequested:
                return (PacketType.None, default);
        }

        if (IsLost)
            return (PacketType.None, default);
        Log.HandlerThrew(_session.Pool.Logger, failure, Function, Handle.Text);
        return _session.Options.ExceptionDetail switch
        {
            ExceptionDetail.None => (PacketType.WorkFail, default),
            ExceptionDetail.Message => (PacketType.WorkException, Encoding.UTF8.GetBytes($"{failure.GetType().Name}: {failure.Message}")),
            ExceptionDetail.Full => (PacketType.WorkException, Encoding.UTF8.GetBytes(failure.ToString())),
            _ => throw new InvalidOperationException($"detail {_session.Options.ExceptionDetail} is none of the three"),
        };
    }
}
