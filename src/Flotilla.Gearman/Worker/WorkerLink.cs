using System.Globalization;
using System.Text;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Worker;

/// <summary>What a worker says on one connection, and the questions of it that have one answer. Thread-safe.</summary>
internal sealed class WorkerLink(GearmanConnection connection, TimeProvider time)
{
    public const int MaxHandleBytes = 256;

    private readonly Queue<(TaskCompletionSource<bool> Done, bool IsEcho)> _control = new();
    private long _askedAt;

    /// <summary>When the last question was put, if one is open.</summary>
    public long? AskedAt
    {
        get
        {
            lock (connection.Gate)
                return _control.Count > 0 ? _askedAt : null;
        }
    }

    public void Send(PacketType type)
    {
        lock (connection.Gate)
            PacketWriter.Write(connection.Output, PacketMagic.Request, type);
    }

    public void Send(PacketType type, ReadOnlySpan<byte> only)
    {
        lock (connection.Gate)
            PacketWriter.Write(connection.Output, PacketMagic.Request, type, only);
    }

    public void SendAbility(WorkerFunction function)
    {
        if (function.Options.Timeout is not { } timeout)
        {
            Send(PacketType.CanDo, function.NameBytes);
            return;
        }

        var ms = Encoding.ASCII.GetBytes(((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        lock (connection.Gate)
            PacketWriter.Write(connection.Output, PacketMagic.Request, PacketType.CanDoTimeout, function.NameBytes, ms);
    }

    /// <summary>A packet about a job that runs on.</summary>
    /// <exception cref="ConnectionLostException">The connection has ended.</exception>
    public void SendUpdate(PacketType type, string handle, ReadOnlySpan<byte> last)
    {
        lock (connection.Gate)
        {
            connection.RequireOpen();
            WriteHead(type, handle, last.Length);
            connection.Output.Append(last);
        }

        connection.Flush(inline: false);
    }

    /// <summary>The end of a job; not flushed, so that the next question leaves with it.</summary>
    /// <param name="failToo">Say WORK_FAIL after WORK_EXCEPTION: to the oldest servers an exception is not the end.</param>
    public void SendResult(PacketType type, string handle, ReadOnlyMemory<byte> result, bool failToo)
    {
        lock (connection.Gate)
        {
            if (connection.IsClosed)
                return;
            if (type == PacketType.WorkFail)
            {
                WriteFail(handle);
                return;
            }

            WriteHead(type, handle, result.Length);
            if (result.Length >= PacketWriter.SharePayloadFromBytes)
                connection.Output.AppendShared(result);
            else if (!result.IsEmpty)
                connection.Output.Append(result.Span);
            if (type == PacketType.WorkException && failToo)
                WriteFail(handle);
        }
    }

    /// <summary>Puts a question with one answer: an option or an echo. False when refused.</summary>
    public Task<bool> Ask(PacketType type, ReadOnlySpan<byte> body)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (connection.Gate)
        {
            connection.RequireOpen();
            _askedAt = time.GetTimestamp();
            _control.Enqueue((done, type == PacketType.EchoReq));
            PacketWriter.Write(connection.Output, PacketMagic.Request, type, body);
        }

        return done.Task;
    }

    /// <summary>An echo also answers what was asked before it: some servers say nothing to options that they don't know.</summary>
    public void Answered(bool accepted, bool isEcho)
    {
        lock (connection.Gate)
        {
            while (_control.TryDequeue(out var control))
            {
                control.Done.TrySetResult(accepted && control.IsEcho == isEcho);
                if (control.IsEcho == isEcho)
                    return;
            }
        }
    }

    public void FailAll(Exception reason)
    {
        lock (connection.Gate)
        {
            while (_control.TryDequeue(out var control))
            {
                control.Done.TrySetException(reason);
                _ = control.Done.Task.Exception;
            }
        }
    }

    private void WriteFail(string handle)
    {
        Span<byte> bytes = stackalloc byte[MaxHandleBytes];
        PacketWriter.Write(
            connection.Output, PacketMagic.Request, PacketType.WorkFail, bytes[..Encoding.UTF8.GetBytes(handle, bytes)]);
    }

    private void WriteHead(PacketType type, string handle, int lastLengthBytes)
    {
        Span<byte> head = stackalloc byte[MaxHandleBytes + 1];
        var length = Encoding.UTF8.GetBytes(handle, head);
        head[length] = 0;
        PacketWriter.WriteHead(connection.Output, PacketMagic.Request, type, head[..(length + 1)], lastLengthBytes);
    }
}
