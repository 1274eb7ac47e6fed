namespace Flotilla.Groups;

/// <summary>
/// What may be on its way at once. What finds no room waits in line, and is sent by whoever makes room: in the order of asking, so messages of one
/// sender keep theirs.
/// </summary>
internal sealed class SendBudget(long limitBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<(SendCommand Send, byte[] Body)> _line = new();
    private long _used;
    private Exception? _end;

    /// <summary>Sends when there is room, at once if there is. A message larger than all of it goes alone.</summary>
    public void Send(SendCommand send, ReadOnlySpan<byte> body)
    {
        lock (_lock)
        {
            if (_end is null)
            {
                if (_line.Count == 0 && HasRoom(body.Length))
                    Begin(send, body);
                else
                    _line.Enqueue((send, body.ToArray()));
                return;
            }
        }

        send.Fail(_end);
    }

    /// <summary>So much is on its way no more.</summary>
    public void Give(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            while (_line.TryPeek(out var first) && HasRoom(first.Body.Length))
            {
                _line.Dequeue();
                Begin(first.Send, first.Body);
            }
        }
    }

    /// <summary>The node is over: nobody waits any more.</summary>
    public void End(Exception why)
    {
        (SendCommand Send, byte[] Body)[] waiting;
        lock (_lock)
        {
            _end = why;
            waiting = [.. _line];
            _line.Clear();
        }

        foreach (var (send, _) in waiting)
            send.Fail(why);
    }

    private bool HasRoom(int bytes) => _used == 0 || _used + bytes <= limitBytes;

    private void Begin(SendCommand send, ReadOnlySpan<byte> body)
    {
        _used += body.Length;
        send.Send(body);
    }
}
