using System.Text;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Gearmand;

/// <summary>Where gearmand's log lines go: a file that can be opened again, standard error, the system's log, or nowhere. Thread-safe.</summary>
internal sealed class GearmandLog : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly TimeProvider _clock;
    private LineWriter? _writer;
    private SyslogSocket? _syslog;

    private GearmandLog(GearmandVerbosity level, TimeProvider clock)
    {
        Level = level;
        _clock = clock;
    }

    /// <summary>The least grave level that is written.</summary>
    public GearmandVerbosity Level { get; }

    /// <summary>Opens what the settings name; a file that can't be opened becomes standard error, with a word about it there.</summary>
    public static GearmandLog Open(GearmandSettings settings, string program, TextWriter error, TimeProvider clock)
    {
        var log = new GearmandLog(settings.Verbosity, clock);
        if (settings.UsesSyslog)
            log._syslog = new SyslogSocket("gearmand");
        else if (settings.LogFile == "stderr")
            log._writer = new LineWriter(error);
        else if (settings.LogFile != "none")
            log._writer = OpenFile(settings.LogFile, program, error);
        return log;
    }

    public void Write(GearmandVerbosity level, string text, string thread = "main")
    {
        if (level > Level)
            return;
        _syslog?.Send(level, text);
        _writer?.Write(GearmandLogLine.Format(level, _clock.GetLocalNow(), thread, text));
    }

    /// <summary>Opens the file again by its name, after somebody has moved it away.</summary>
    public void Reopen()
    {
        _writer?.Reopen();
        _writer?.Write(" NOTICE SIGHUP, reopening log file");
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _syslog?.Dispose();
    }

    private static LineWriter OpenFile(string name, string program, TextWriter error)
    {
        var path = Path.GetFullPath(name);
        try
        {
            return new LineWriter(Append(path), () => Append(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(
                $"{program}: Could not open log file \"{name}\", from \"{Environment.CurrentDirectory}\", switching to stderr. ({failure.Message})");
            return new LineWriter(error);
        }
    }

    private static StreamWriter Append(string path)
        => new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), Utf8) { AutoFlush = true };
}
