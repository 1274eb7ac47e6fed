using System.Text.Json;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What one server said at one moment.</summary>
/// <param name="Server">Which.</param>
/// <param name="Details">About itself; null where it is a server that can't tell.</param>
/// <param name="Functions">Its functions.</param>
/// <param name="Failure">Why there is nothing, or null.</param>
/// <param name="Timestamp">When, by the clock's ticks.</param>
internal sealed record TopLook(
    GearmanAddress Server, ServerDetails? Details, IReadOnlyList<FunctionDetails> Functions, CliException? Failure, long Timestamp)
{
    /// <summary>One of the server's totals since its start; null when it does not tell.</summary>
    public long? Counter(string name)
        => Details?.Counters is { ValueKind: JsonValueKind.Object } counters && counters.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    /// <summary>How much a total has grown per second since an earlier look.</summary>
    public double? Rate(string name, TopLook? before, TimeProvider clock)
    {
        if (before is null || Counter(name) is not { } now || before.Counter(name) is not { } then || now < then)
            return null;
        var seconds = clock.GetElapsedTime(before.Timestamp, Timestamp).TotalSeconds;
        return seconds > 0 ? (now - then) / seconds : null;
    }
}
