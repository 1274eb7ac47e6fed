using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Gearmand;

/// <summary>Brings what the job server logs into gearmand's log.</summary>
internal sealed class GearmandLoggerProvider(GearmandLog log) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(log);

    public void Dispose()
    {
        // The log belongs to the launcher, which writes its last line after the server's loggers are gone.
    }

    private sealed class LineLogger(GearmandLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && Map(logLevel) <= log.Level;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var text = formatter(state, exception);
            log.Write(Map(logLevel), exception is null ? text : $"{text}: {exception.Message}");
        }

        private static GearmandVerbosity Map(LogLevel level) => level switch
        {
            LogLevel.Critical => GearmandVerbosity.Critical,
            LogLevel.Error => GearmandVerbosity.Error,
            LogLevel.Warning => GearmandVerbosity.Warning,
            LogLevel.Information => GearmandVerbosity.Info,
            _ => GearmandVerbosity.Debug,
        };
    }
}
