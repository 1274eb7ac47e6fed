using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Rendering;

/// <summary>Errors and notes on the error stream: <c>flotilla: what is wrong</c>, then what to do.</summary>
internal static class ErrorText
{
    private const string Red = "\u001b[31m";
    private const string Dim = "\u001b[2m";
    private const string Plain = "\u001b[0m";

    public static void Write(IConsole console, string message, string? hint = null)
    {
        var colors = console.IsErrorTerminal && string.IsNullOrEmpty(console.Variable("NO_COLOR")) && console.Variable("TERM") is not "dumb";
        console.Error.WriteLine(colors ? $"{Red}flotilla: {CellText.Printable(message)}{Plain}" : $"flotilla: {CellText.Printable(message)}");
        if (hint is not null)
            console.Error.WriteLine(colors ? $"{Dim}  {hint}{Plain}" : $"  {hint}");
    }
}
