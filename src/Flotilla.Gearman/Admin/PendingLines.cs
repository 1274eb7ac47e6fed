using System.Text;

namespace Flotilla.Gearman.Admin;

/// <summary>A text command that waits for its answer: one line, or lines up to one with a single point.</summary>
internal sealed class PendingLines(bool isList, int maxLines)
{
    private readonly TaskCompletionSource<IReadOnlyList<byte[]>> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte[]> _lines = [];

    public long AskedAt { get; set; }

    public Task<IReadOnlyList<byte[]>> Answer => _answered.Task;

    /// <summary>True when the answer is whole.</summary>
    /// <exception cref="GearmanProtocolException">More lines than allowed.</exception>
    public bool OnLine(ReadOnlySpan<byte> line)
    {
        if (!isList)
        {
            _answered.TrySetResult([line.ToArray()]);
            return true;
        }

        if (line.SequenceEqual("."u8))
        {
            _answered.TrySetResult(_lines);
            return true;
        }

        // A refused list is one line. Rows have a tab or begin with a number, JSON with a brace.
        if (_lines.Count == 0 && line.StartsWith("ERR "u8) && !line.Contains((byte)'\t'))
        {
            _answered.TrySetException(Client.ServerReplies.ToException(Encoding.UTF8.GetString(line)));
            return true;
        }

        if (_lines.Count == maxLines)
            throw new GearmanProtocolException($"a list of more than {maxLines} lines");
        _lines.Add(line.ToArray());
        return false;
    }

    public void OnFailure(Exception reason)
    {
        _answered.TrySetException(reason);
        // Seen, even when the caller has gone meanwhile.
        _ = _answered.Task.Exception;
    }
}
