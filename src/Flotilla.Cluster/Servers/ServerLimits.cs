namespace Flotilla.Cluster.Servers;

/// <summary>How long actions may take.</summary>
public sealed record ServerLimits
{
    /// <summary>
    /// An action that waits for nothing but the server: stop a receiver, become primary, lock out. Default 5 s, and better above <c>hangAfter</c>: a primary that hangs is then killed before the end of
    /// an action is in doubt.
    /// </summary>
    public TimeSpan Quick { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a demoted primary waits for transactions that were open when it began. Default 500 ms.</summary>
    public TimeSpan OpenTransactions { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long <c>read_only=1</c> may wait for statements and commits under way; writes wait meanwhile, and go on when it is over. Default 1 s.</summary>
    public TimeSpan ReadOnly { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a demoted primary, which refuses writes already, may take for what is left to do. Default 2 s; then it is writable as before.</summary>
    public TimeSpan EndWriting { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a killed statement may take to end before its session is dropped. Default 500 ms.</summary>
    public TimeSpan Kill { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a log may be read through. Default 5 min: relay logs may be gigabytes.</summary>
    public TimeSpan ReadLog { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a flashback may take. Default 10 min; beyond, filling the server anew is quicker.</summary>
    public TimeSpan Flashback { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What is wrong with these limits; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        foreach (var (name, value) in (ReadOnlySpan<(string, TimeSpan)>)
            [(nameof(Quick), Quick), (nameof(OpenTransactions), OpenTransactions), (nameof(ReadOnly), ReadOnly), (nameof(EndWriting), EndWriting), (nameof(Kill), Kill), (nameof(ReadLog), ReadLog), (nameof(Flashback), Flashback)])
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
                problems.Add($"{name} is {value}, but must be above zero and at most a day");
        }

        return problems;
    }
}
