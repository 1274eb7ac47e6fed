using Flotilla.Cli.Hosting;
using Spectre.Console;

namespace Flotilla.Cli.Rendering;

/// <summary>Drawing on the terminal. No colours where <c>NO_COLOR</c> is set or the output is no terminal.</summary>
internal static class Terminal
{
    public static IAnsiConsole Create(IConsole console)
    {
        var isTerminal = console.IsOutputTerminal && console.Variable("TERM") is not "dumb";
        var hasColors = isTerminal && string.IsNullOrEmpty(console.Variable("NO_COLOR"));
        var drawing = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(console.Output),
        });
        drawing.Profile.Width = console.Width;
        drawing.Profile.Height = console.Height;
        return drawing;
    }
}
