namespace Flotilla.Groups;

/// <summary>What may be on its way at once. Who asks for more waits in line, so messages of one sender keep their order.</summary>
internal sealed class SendBudget(long limitBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Turn)> _line = new();
    private long _used;
    private Exception? _end;

    /// <summary>Takes from the budget; completed when it may go ahead at once. A message larger than all of it goes alone.</summary>
    public Task TakeAsync(long bytes)
    {
        lock (_lock)
        {
            if (_end is not null)
                return Task.FromException(_end);
            if (_line.Count == 0 && (_used == 0 || _used + bytes <= limitBytes))
            {
                _used += bytes;
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _line.Enqueue((bytes, turn));
            return turn.Task;
        }
    }

    public void Give(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            while (_line.TryPeek(out var first) && (_used == 0 || _used + first.Bytes <= limitBytes))
            {
                _line.Dequeue();
                _used += first.Bytes;
                first.Turn.TrySetResult();
            }
        }
    }

    /// <summary>The node is over: nobody waits any more.</summary>
    public void End(Exception why)
    {
        lock (_lock)
        {
            _end = why;
            while (_line.TryDequeue(out var waiting))
                waiting.Turn.TrySetException(why);
        }
    }
}
