using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Rendering;

/// <summary>The terminal's second screen, written over from the top again and again; the first one comes back in the end.</summary>
internal sealed class TopScreen : IDisposable
{
    private const string Enter = "\u001b[?1049h\u001b[?25l";
    private const string Leave = "\u001b[?25h\u001b[?1049l";
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";

    private readonly IConsole _console;

    public TopScreen(IConsole console)
    {
        _console = console;
        console.Output.Write(Enter);
    }

    /// <summary>Draws as many lines as there is room for, in one write so that nothing flickers.</summary>
    public void Draw(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n').Take(_console.Height - 1);
        _console.Output.Write(Home + string.Concat(lines.Select(line => line + ClearLine + "\r\n")) + ClearBelow);
    }

    public void Dispose() => _console.Output.Write(Leave);
}
