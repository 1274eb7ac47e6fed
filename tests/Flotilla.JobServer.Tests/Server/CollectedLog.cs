using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Keeps log lines for a test.</summary>
internal sealed class CollectedLog : ILogger
{
    public ConcurrentQueue<(LogLevel Level, int Id, string Text)> Lines { get; } = [];

    /// <summary>Lines of warning and above.</summary>
    public IReadOnlyList<string> Warnings => [.. Lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Lines.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
}
