using System.Globalization;
using System.Text;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The log of commands that stay: lines of text or JSON with the event's fields, to standard error or a file.</summary>
internal sealed class ServeLog : ILoggerFactory
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly LineWriter _writer;
    private readonly LogLevel _level;
    private readonly bool _isJson;
    private readonly TimeProvider _clock;

    private ServeLog(LineWriter writer, LogLevel level, bool isJson, TimeProvider clock)
    {
        _writer = writer;
        _level = level;
        _isJson = isJson;
        _clock = clock;
    }

    /// <exception cref="IOException">The file can't be opened.</exception>
    public static ServeLog Create(LogSettings settings, IConsole console)
    {
        if (settings.File is not { } name)
            return new ServeLog(new LineWriter(console.Error), settings.Level, settings.IsJson, console.Clock);
        var path = Path.GetFullPath(name);
        return new ServeLog(new LineWriter(Append(path), () => Append(path)), settings.Level, settings.IsJson, console.Clock);
    }

    /// <summary>Text to standard error.</summary>
    public static ServeLog Create(LogLevel level, IConsole console) => new(new LineWriter(console.Error), level, isJson: false, console.Clock);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("there is one log");

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Reopen() => _writer.Reopen();

    public void Dispose() => _writer.Dispose();

    private static StreamWriter Append(string path)
        => new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), Utf8) { AutoFlush = true };

    private sealed class LineLogger(ServeLog log, string category) : ILogger
    {
        /// <summary>What the web server under management says of its own life is of no use to people who serve jobs.</summary>
        private readonly LogLevel _level = category.StartsWith("Microsoft.", StringComparison.Ordinal) && log._level > LogLevel.Trace
            ? LogLevel.Warning
            : log._level;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logLevel >= _level && logLevel >= log._level;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var message = formatter(state, exception);
            log._writer.Write(log._isJson
                ? Json(logLevel, eventId, state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], message, exception)
                : Text(logLevel, message, exception));
        }

        private string Text(LogLevel level, string message, Exception? exception)
        {
            var time = log._clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            return $"{time} {NameOf(level),-5} {CellText.Printable(message)}{(exception is null ? "" : $": {exception}")}";
        }

        private string Json(
            LogLevel level, EventId id, IReadOnlyList<KeyValuePair<string, object?>> fields, string message, Exception? exception)
            => JsonText.Object(writer =>
            {
                writer.WriteString("time", log._clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
                writer.WriteString("level", NameOf(level));
                writer.WriteNumber("id", id.Id);
                writer.WriteString("event", id.Name);
                writer.WriteString("message", message);
                foreach (var (name, value) in fields)
                {
                    if (name == "{OriginalFormat}")
                        continue;
                    var key = char.ToLowerInvariant(name[0]) + name[1..];
                    if (value is IConvertible number and (int or long or uint or ulong or short or ushort or byte))
                        writer.WriteNumber(key, number.ToDecimal(CultureInfo.InvariantCulture));
                    else
                        writer.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
                }

                if (exception is not null)
                    writer.WriteString("exception", exception.ToString());
            });

        private static string NameOf(LogLevel level) => level switch
        {
            LogLevel.Critical => "FATAL",
            LogLevel.Error => "ERROR",
            LogLevel.Warning => "WARN",
            LogLevel.Information => "INFO",
            LogLevel.Debug => "DEBUG",
            _ => "TRACE",
        };
    }
}
