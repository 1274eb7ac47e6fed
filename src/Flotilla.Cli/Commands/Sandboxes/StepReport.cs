using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary>Tells steps on the error stream, a line each, with a bar below them on a terminal. Silent for programs.</summary>
internal sealed class StepReport(IConsole console, bool isSilent) : IProgress<SandboxStep>, IAsyncDisposable
{
    private readonly ProgressLine? _line = isSilent ? null : new ProgressLine(console, "working");

    public void Report(SandboxStep value)
    {
        if (_line is null)
            return;
        _line.Clear();
        console.Error.WriteLine(value.Text);
        _line.Report(value.Text, (value.Number - 1) / (double)value.Total);
    }

    public ValueTask DisposeAsync() => _line?.DisposeAsync() ?? ValueTask.CompletedTask;
}
