using System.Text;

namespace Flotilla.Cli.Gearmand;

/// <summary>Where gearmand's log lines go: a file that can be opened again, standard error, the system's log, or nowhere. Thread-safe.</summary>
internal sealed class GearmandLog : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Lock _gate = new();
    private readonly string? _path;
    private readonly SyslogSocket? _syslog;
    private readonly TimeProvider _clock;
    private TextWriter? _writer;

    private GearmandLog(GearmandVerbosity level, string? path, TextWriter? writer, SyslogSocket? syslog, TimeProvider clock)
    {
        Level = level;
        _path = path;
        _writer = writer;
        _syslog = syslog;
        _clock = clock;
    }

    /// <summary>The least grave level that is written.</summary>
    public GearmandVerbosity Level { get; }

    /// <summary>Opens what the settings name; a file that can't be opened becomes standard error, with a word about it there.</summary>
    public static GearmandLog Open(GearmandSettings settings, string program, TextWriter error, TimeProvider clock)
    {
        var level = settings.Verbosity;
        if (settings.UsesSyslog)
            return new GearmandLog(level, null, null, new SyslogSocket("gearmand"), clock);
        if (settings.LogFile == "none")
            return new GearmandLog(level, null, null, null, clock);
        if (settings.LogFile == "stderr")
            return new GearmandLog(level, null, error, null, clock);
        var path = Path.GetFullPath(settings.LogFile);
        try
        {
            return new GearmandLog(level, path, Append(path), null, clock);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(
                $"{program}: Could not open log file \"{settings.LogFile}\", from \"{Environment.CurrentDirectory}\", switching to stderr. ({failure.Message})");
            return new GearmandLog(level, null, error, null, clock);
        }
    }

    public void Write(GearmandVerbosity level, string text, string thread = "main")
    {
        if (level > Level)
            return;
        if (_syslog is not null)
        {
            _syslog.Send(level, text);
            return;
        }

        var line = GearmandLogLine.Format(level, _clock.GetLocalNow(), thread, text);
        lock (_gate)
            TryWrite(line);
    }

    /// <summary>Opens the file again by its name, after somebody has moved it away; when that fails the old one goes on.</summary>
    public void Reopen()
    {
        if (_path is null)
            return;
        lock (_gate)
        {
            try
            {
                var fresh = Append(_path);
                _writer?.Dispose();
                _writer = fresh;
                TryWrite(" NOTICE SIGHUP, reopening log file");
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                TryWrite(GearmandLogLine.Format(
                    GearmandVerbosity.Error, _clock.GetLocalNow(), "main", $"could not reopen {_path}, going on with the old file: {failure.Message}"));
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_path is not null)
                _writer?.Dispose();
            _writer = null;
        }

        _syslog?.Dispose();
    }

    private static StreamWriter Append(string path)
        => new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), Utf8) { AutoFlush = true };

    /// <summary>A full disk must not stop a job server.</summary>
    private void TryWrite(string line)
    {
        try
        {
            _writer?.WriteLine(line);
        }
        catch (IOException)
        {
            // There is nowhere left to say it.
        }
    }
}
