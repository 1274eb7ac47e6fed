using System.Collections.Concurrent;

namespace Flotilla.Cli.Hosting;

/// <summary>
/// Writes log lines from a thread of its own: whoever logs may hold a lock that everything waits for. When the target can't keep up,
/// lines beyond the limit are dropped and counted. Thread-safe.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    /// <summary>A few megabytes of lines.</summary>
    private const int LinesMax = 50_000;

    /// <summary>How long the last lines may take at the end.</summary>
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<string?> _lines = new(LinesMax);
    private readonly Func<TextWriter>? _reopen;
    private readonly Thread _thread;
    private TextWriter _target;
    private long _dropped;
    private int _isClosed;

    /// <param name="target">Where lines go; disposed with this when there is <paramref name="reopen"/>.</param>
    /// <param name="reopen">Opens the target again by its name; null where it has none.</param>
    public LineWriter(TextWriter target, Func<TextWriter>? reopen = null)
    {
        _target = target;
        _reopen = reopen;
        _thread = new Thread(Run) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    public void Write(string line)
    {
        if (!TryAdd(line))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Opens the target again, after somebody has moved it away; when that fails the old one goes on.</summary>
    public void Reopen()
    {
        if (_reopen is not null)
            TryAdd(null);
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 1)
            return;
        _lines.CompleteAdding();
        if (_thread.Join(FlushPatience))
            _lines.Dispose();
    }

    /// <summary>False when there is no room, or when it is over.</summary>
    private bool TryAdd(string? line)
    {
        try
        {
            return _lines.TryAdd(line);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void Run()
    {
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            if (line is null)
                Exchange();
            else
                TryWrite(line);
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                TryWrite($"{dropped} log lines were dropped: this log is too slow");
        }

        if (_reopen is not null)
            _target.Dispose();
    }

    private void Exchange()
    {
        try
        {
            var fresh = _reopen!();
            _target.Dispose();
            _target = fresh;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TryWrite($"the log can't be opened again, going on with the old one: {failure.Message}");
        }
    }

    /// <summary>A full disk must not stop a job server.</summary>
    private void TryWrite(string line)
    {
        try
        {
            _target.WriteLine(line);
        }
        catch (IOException)
        {
            // There is nowhere left to say it.
        }
    }
}
