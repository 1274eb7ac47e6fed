using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Transport;
using Flotilla.Primitives;

namespace Flotilla.Groups;

/// <summary>A client's connection with one node: its handshake, then frames both ways.</summary>
internal sealed class ClientSession : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Channel<byte[]> _out = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Stream _stream;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _writing;
    private byte[] _received = new byte[4096];
    private int _start;
    private int _count;

    private ClientSession(Stream stream, byte[] received, int count)
    {
        _stream = stream;
        received.AsSpan(0, count).CopyTo(_received.AsSpan());
        _count = count;
        _writing = Task.Run(WriteAllAsync);
    }

    public static async Task<ClientSession> OpenAsync(string address, GroupClientOptions options, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new InvalidDataException($"'{address}' is no host:port");
        var host = address[..colon].Trim('[', ']');
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(host, port, patience.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                var secured = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = secured;
                await secured.AuthenticateAsClientAsync(tls.LoadClient(host), patience.Token).ConfigureAwait(false);
            }

            return await ShakeHandsAsync(stream, options, patience.Token).ConfigureAwait(false);
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ClientSession> ShakeHandsAsync(Stream stream, GroupClientOptions options, CancellationToken cancellation)
    {
        var hello = new Hello
        {
            Role = PeerRole.Client,
            HasSecret = options.Secret is not null,
            Nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes),
            Name = options.Name,
        };
        var handshake = new Handshake(isDialler: true, hello, options.Secret is { } secret ? Encoding.UTF8.GetBytes(secret) : null);
        var output = new ByteQueue();
        var received = new byte[4096];
        var count = 0;
        handshake.Begin(output);
        while (true)
        {
            await stream.WriteAsync(output.ToArray(), cancellation).ConfigureAwait(false);
            output.Clear();
            if (handshake.State == HandshakeState.Done)
                return new ClientSession(stream, received, count);
            var read = count == received.Length ? 0 : await stream.ReadAsync(received.AsMemory(count), cancellation).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("the node ended the connection in the handshake");
            count = Take(handshake, received, count + read, output);
        }
    }

    private static int Take(Handshake handshake, byte[] received, int count, ByteQueue output)
    {
        while (handshake.State != HandshakeState.Done && FrameSplitter.TrySplit(received.AsSpan(0, count), Handshake.MaxFrameBytes, out var frame, out var total))
        {
            var state = handshake.Receive(frame, output);
            if (state == HandshakeState.Failed)
                throw new InvalidDataException((handshake.WasRefused ? "the node refused: " : "") + handshake.Reason);
            if (state == HandshakeState.PeerKnown)
                handshake.Confirm(output);
            received.AsSpan(total, count - total).CopyTo(received);
            count -= total;
        }

        return count;
    }

    public void Write(in ClientFrame frame)
    {
        var queue = new ByteQueue();
        frame.Write(queue);
        _out.Writer.TryWrite(queue.ToArray());
        queue.Clear();
    }

    /// <summary>Asks how the cluster looks; with <paramref name="isWatching"/> the node tells of each change, too.</summary>
    public void AskStatus(bool isWatching)
    {
        var queue = new ByteQueue();
        StatusFrame.WriteAsk(queue, isWatching);
        _out.Writer.TryWrite(queue.ToArray());
        queue.Clear();
    }

    /// <summary>The next frame, type first; null at the end. Valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync()
    {
        while (true)
        {
            if (FrameSplitter.TrySplit(_received.AsSpan(_start, _count), FrameLimits.MaxFrameBytes, out var frame, out var total))
            {
                var at = _start + total - frame.Length;
                _start += total;
                _count -= total;
                return _received.AsMemory(at, total - 4);
            }

            if (total < 0)
                return null;
            _received.AsSpan(_start, _count).CopyTo(_received);
            _start = 0;
            if (Math.Max(total, _count + 1) > _received.Length)
                Array.Resize(ref _received, Math.Max(total, _received.Length * 2));
            try
            {
                var read = await _stream.ReadAsync(_received.AsMemory(_count), _end.Token).ConfigureAwait(false);
                if (read == 0)
                    return null;
                _count += read;
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>Reading ends.</summary>
    public void End()
    {
        _out.Writer.TryComplete();
        _end.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        End();
        await _writing.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            await foreach (var bytes in _out.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
                await _stream.WriteAsync(bytes, _end.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
        {
            await _end.CancelAsync().ConfigureAwait(false);
        }
    }
}
