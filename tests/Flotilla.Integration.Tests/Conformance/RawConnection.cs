using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>A socket and what came out of it so far, cut into messages.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly List<string> _messages = [];
    private string _received = "";

    public RawConnection(IPEndPoint server) => _socket.Connect(server);

    /// <summary>The server ended the stream, or reset it.</summary>
    public bool Closed { get; private set; }

    /// <summary>A step left a message unfinished, or the server no longer answers: no barrier can be sent here.</summary>
    public bool Unsynchronised { get; set; }

    public void Send(string bytes)
    {
        try
        {
            _socket.Send(Encoding.Latin1.GetBytes(bytes));
        }
        catch (SocketException)
        {
            // the stream still holds what the server said before it closed; reading finds the end
        }
    }

    /// <summary>Receives until a message satisfies the condition. False when the server closed or stayed silent for so long.</summary>
    public bool ReceiveUntil(Func<string, bool> condition, TimeSpan patience)
    {
        var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        for (var looked = 0; ;)
        {
            for (; looked < _messages.Count; looked++)
            {
                if (condition(_messages[looked]))
                    return true;
            }

            var left = deadline - Environment.TickCount64;
            if (Closed || left <= 0 || !_socket.Poll(TimeSpan.FromMilliseconds(left), SelectMode.SelectRead))
                return false;
            ReceiveOnce();
        }
    }

    /// <summary>Takes the messages received so far.</summary>
    public List<string> Drain()
    {
        var drained = new List<string>(_messages);
        _messages.Clear();
        return drained;
    }

    /// <summary>Removes the answer of a barrier.</summary>
    public void Forget(string message) => _messages.Remove(message);

    public void Dispose() => _socket.Dispose();

    private void ReceiveOnce()
    {
        var count = 0;
        try
        {
            count = _socket.Receive(_buffer);
        }
        catch (SocketException)
        {
            // a reset is an end too
        }

        Closed = count == 0;
        _received += Encoding.Latin1.GetString(_buffer, 0, count);
        while (WirePackets.Take(_received, out var used) is { } message)
        {
            _messages.Add(message);
            _received = _received[used..];
        }
    }
}
