using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>Who is told of what. Exactly one of <see cref="Url"/> and <see cref="Function"/> is set. Immutable.</summary>
public sealed record HookOptions
{
    /// <summary>For logs and metrics; unique among the hooks.</summary>
    public required string Name { get; init; }

    /// <summary>An http or https URL; each event is POSTed to it as JSON and counts as delivered when the answer is 2xx.</summary>
    public Uri? Url { get; init; }

    /// <summary>A Gearman function; each event is submitted to it as a background job whose workload is the JSON.</summary>
    public string? Function { get; init; }

    /// <summary>The events to tell of; at least one. Any kind of event can be chosen.</summary>
    public IReadOnlyList<JobServerEventKind> Events { get; init; } =
        [JobServerEventKind.QueueOverLimit, JobServerEventKind.WorkerLost, JobServerEventKind.JobFailed, JobServerEventKind.JobBuried];

    /// <summary>Only events of functions whose name this is, or begins with what stands before a final <c>*</c>; null for all.</summary>
    public string? OnlyFunctions { get; init; }

    /// <summary>
    /// Events that wait for delivery, 1 to 100,000, default 1,000. Events beyond it are dropped and counted: the server waits for no hook.
    /// </summary>
    public int MaxWaiting { get; init; } = 1000;

    /// <summary>Deliveries tried per event, 1 to 100, default 6; then it is dropped and counted.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The pause after the first failed attempt, doubled after each more up to a minute; 1 ms to 1 minute, default 500 ms.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long one delivery may take; 10 ms to 5 minutes, default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A full queue is told of at most once per function in this time, with the number of times left out; 0 to 1 day, default 10 s. Other
    /// events are told of one by one.
    /// </summary>
    public TimeSpan OverLimitInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Name.Length == 0)
            problems.Add("a hook needs a name");
        if ((Url is null) == string.IsNullOrEmpty(Function))
            problems.Add($"hook {Name} needs either a url or a function");
        if (Url is not null && (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https")))
            problems.Add($"hook {Name}: the url must be http or https");
        if (Events.Count == 0)
            problems.Add($"hook {Name} chooses no event");
        if (OnlyFunctions is { Length: 0 })
            problems.Add($"hook {Name}: {nameof(OnlyFunctions)} is empty; leave it out for all functions");
        if (MaxWaiting is < 1 or > 100_000)
            problems.Add($"hook {Name}: {nameof(MaxWaiting)} must be 1 to 100000, is {MaxWaiting}");
        if (Attempts is < 1 or > 100)
            problems.Add($"hook {Name}: {nameof(Attempts)} must be 1 to 100, is {Attempts}");
        if (Backoff < TimeSpan.FromMilliseconds(1) || Backoff > TimeSpan.FromMinutes(1))
            problems.Add($"hook {Name}: {nameof(Backoff)} must be 1 ms to 1 minute, is {Backoff}");
        if (Timeout < TimeSpan.FromMilliseconds(10) || Timeout > TimeSpan.FromMinutes(5))
            problems.Add($"hook {Name}: {nameof(Timeout)} must be 10 ms to 5 minutes, is {Timeout}");
        if (OverLimitInterval < TimeSpan.Zero || OverLimitInterval > TimeSpan.FromDays(1))
            problems.Add($"hook {Name}: {nameof(OverLimitInterval)} must be 0 to 1 day, is {OverLimitInterval}");
        return problems;
    }
}
