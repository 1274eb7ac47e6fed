using System.Text;

namespace Flotilla.Gearman.Worker;

/// <summary>A function that a worker can do.</summary>
internal sealed class WorkerFunction(string name, JobHandler handler, FunctionOptions options)
{
    private readonly TaskCompletionSource _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name { get; } = name;

    public byte[] NameBytes { get; } = Encoding.UTF8.GetBytes(name);

    public JobHandler Handler { get; } = handler;

    public FunctionOptions Options { get; } = options;

    /// <summary>True when no server may be told of it any more.</summary>
    public bool IsRemoving { get; set; }

    public Task Removed => _removed.Task;

    public void SetRemoved() => _removed.TrySetResult();
}
