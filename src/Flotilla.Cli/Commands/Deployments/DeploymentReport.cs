using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary>Tells steps on the error stream, a line each, with a bar below them on a terminal that also shows what hosts tell. Silent for programs.</summary>
internal sealed class DeploymentReport(IConsole console, bool isSilent) : IProgress<DeploymentStep>, IAsyncDisposable
{
    private readonly ProgressLine? _line = isSilent ? null : new ProgressLine(console, "working");

    public void Report(DeploymentStep value)
    {
        if (_line is null)
            return;
        if (!value.IsDetail)
        {
            _line.Clear();
            console.Error.WriteLine(CellText.Printable(value.Text));
        }

        _line.Report(CellText.Printable(value.Text), (value.Number - 1) / (double)value.Total);
    }

    public ValueTask DisposeAsync() => _line?.DisposeAsync() ?? ValueTask.CompletedTask;
}
