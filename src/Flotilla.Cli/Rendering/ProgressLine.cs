using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Rendering;

/// <summary>
/// One line on the error stream that is written over while something goes on. On a terminal only, and only once it has taken longer
/// than two seconds; elsewhere it shows nothing. Thread-safe.
/// </summary>
internal sealed class ProgressLine : IAsyncDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly IConsole _console;
    private readonly ITimer? _timer;
    private readonly long _start;
    private string _text;
    private double? _fraction;
    private bool _isShown;

    public ProgressLine(IConsole console, string text)
    {
        _console = console;
        _text = text;
        _start = console.Clock.GetTimestamp();
        if (console.IsErrorTerminal)
            _timer = console.Clock.CreateTimer(_ => Draw(), null, Patience, Period);
    }

    public void Report(string text, double? fraction = null)
    {
        lock (_gate)
            (_text, _fraction) = (text, fraction);
    }

    /// <summary>Takes the line away so that something else can be written; it comes back by itself.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (!_isShown)
                return;
            _console.Error.Write("\r\u001b[K");
            _isShown = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        Clear();
    }

    private void Draw()
    {
        lock (_gate)
        {
            var elapsed = CellText.FormatDuration((long)_console.Clock.GetElapsedTime(_start).TotalMilliseconds);
            var bar = _fraction is { } fraction ? $" {Bar(fraction)} {fraction * 100:0} %" : "";
            var line = $"{_text}{bar}  {elapsed}";
            _console.Error.Write($"\r\u001b[K{line[..Math.Min(line.Length, Math.Max(1, _console.Width - 1))]}");
            _isShown = true;
        }
    }

    private static string Bar(double fraction)
    {
        var full = (int)Math.Round(Math.Clamp(fraction, 0, 1) * BarWidth);
        return $"[{new string('#', full)}{new string('.', BarWidth - full)}]";
    }
}
