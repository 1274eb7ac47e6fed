using Microsoft.Extensions.Logging;

namespace Flotilla.Bench.Groups;

/// <summary>Lines of a probe for whoever looks into a surprising figure (FLOTILLA_BENCH_LOG names the file).</summary>
internal sealed class FileLogger(string path) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (this)
            File.AppendAllText(path, $"{DateTime.UtcNow:HH:mm:ss.ffffff} {logLevel} {formatter(state, exception)} {exception}\n");
    }
}
