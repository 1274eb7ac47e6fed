namespace Flotilla.Gearman.Worker;

/// <summary>
/// Functions that share a connection per server. All without a limit of their own share one lane; one with a limit has its own, because
/// a worker that must not get jobs of a function for a while can only leave off asking: taking the ability back makes servers hand the
/// jobs that run to somebody else.
/// </summary>
internal sealed class WorkerLane(int limit)
{
    private readonly Dictionary<string, WorkerFunction> _functions = new(StringComparer.Ordinal);

    public Dictionary<string, WorkerFunction> Functions => _functions;

    public List<WorkerSession> Sessions { get; } = [];

    public List<Task> Loops { get; } = [];

    /// <summary>Cancelled when the lane's loops must not connect any more.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>True when the lane serves the functions without a limit.</summary>
    public bool IsShared => limit == int.MaxValue;

    public int InUse { get; set; }

    public bool HasRoom => InUse < limit;

    public bool IsStopping => Stop.IsCancellationRequested;

    public WorkerFunction? Find(ReadOnlySpan<char> name)
        => _functions.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var function) ? function : null;
}
