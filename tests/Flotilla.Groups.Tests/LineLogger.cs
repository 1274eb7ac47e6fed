using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Tests;

/// <summary>Keeps every line.</summary>
internal sealed class LineLogger : ILogger
{
    public ConcurrentQueue<string> All { get; } = [];

    /// <summary>Lines that a person should see.</summary>
    public IEnumerable<string> Warnings => All.Where(line => line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => All.Enqueue($"{logLevel} {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");
}
