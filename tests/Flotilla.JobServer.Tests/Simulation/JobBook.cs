namespace Flotilla.JobServer.Tests.Simulation;

/// <summary>What the clients and workers of a simulated world know, over all lives of the server; the judge of what it does.</summary>
internal sealed class JobBook
{
    private readonly Dictionary<string, long> _dueMs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _acknowledged = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly HashSet<string> _assigned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _completed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _handles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ordered = new(StringComparer.Ordinal);
    private int _submitted;

    public int Acknowledged => _acknowledged.Count;

    public int Refused => _refused.Count;

    /// <summary>A payload that no other job has.</summary>
    /// <param name="dueMs">Not to run before.</param>
    /// <param name="isOrdered">One of those that must be handed out in the order in which they were submitted.</param>
    public string Submit(long dueMs, bool isOrdered)
    {
        var payload = $"job {++_submitted}";
        if (isOrdered)
            _ordered.Add(payload);
        _dueMs.Add(payload, dueMs);
        return payload;
    }

    public void Acknowledge(string payload, string handle)
    {
        Assert.True(_acknowledged.Add(payload), $"{payload} was acknowledged twice");
        Assert.True(_handles.TryAdd(handle, payload), $"{handle} was given to {_handles.GetValueOrDefault(handle)} and to {payload}");
    }

    public void Refuse(string payload) => _refused.Add(payload);

    /// <summary>The disk was so broken that a refused batch could not be cut off: what was refused so far may come back after all.</summary>
    public void ForgiveRefused() => _refused.Clear();

    /// <summary>Returns whether it is one of those that keep their order, and no worker had it before.</summary>
    public bool Assign(string payload, string handle, long nowMs)
    {
        Assert.True(_dueMs.TryGetValue(payload, out var dueMs), $"{payload} was never submitted");
        Assert.True(nowMs >= dueMs, $"{payload} was handed out {dueMs - nowMs} ms early");
        Assert.DoesNotContain(payload, _refused);
        if (_handles.TryGetValue(handle, out var expected))
            Assert.Equal(expected, payload);
        return _assigned.Add(payload) && _ordered.Contains(payload);
    }

    public void Complete(string payload) => _completed.Add(payload);

    /// <summary>Everything acknowledged was done at last.</summary>
    public void RequireAllDone() => Assert.Empty(_acknowledged.Except(_completed, StringComparer.Ordinal));
}
