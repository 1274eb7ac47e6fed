namespace Flotilla.Groups;

/// <summary>
/// What may be on its way at once. What finds no room waits in line, and is sent by whoever makes room: in the order of asking, so messages of one
/// sender keep theirs.
/// </summary>
internal sealed class SendBudget(long limitBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, Action Send, Action<Exception> Fail)> _line = new();
    private long _used;
    private Exception? _end;

    /// <summary>Sends when there is room, at once if there is. A message larger than all of it goes alone.</summary>
    public void Send(long bytes, Action send, Action<Exception> fail)
    {
        lock (_lock)
        {
            if (_end is null)
            {
                _line.Enqueue((bytes, send, fail));
                Advance();
                return;
            }
        }

        fail(_end);
    }

    /// <summary>So much is on its way no more.</summary>
    public void Give(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            Advance();
        }
    }

    /// <summary>The node is over: nobody waits any more.</summary>
    public void End(Exception why)
    {
        (long Bytes, Action Send, Action<Exception> Fail)[] waiting;
        lock (_lock)
        {
            _end = why;
            waiting = [.. _line];
            _line.Clear();
        }

        foreach (var (_, _, fail) in waiting)
            fail(why);
    }

    private void Advance()
    {
        while (_line.TryPeek(out var first) && (_used == 0 || _used + first.Bytes <= limitBytes))
        {
            _line.Dequeue();
            _used += first.Bytes;
            first.Send();
        }
    }
}
