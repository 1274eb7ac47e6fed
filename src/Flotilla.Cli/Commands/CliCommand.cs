using System.CommandLine;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands;

/// <summary>A command with examples for its help and one way to run: cancellation by signal, and every failure told in the same shape.</summary>
internal sealed class CliCommand(string name, string description) : Command(name, description)
{
    /// <summary>Shown by the help: what to type, and what it does.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];

    /// <param name="console">The world.</param>
    /// <param name="run">Ends with an exit code or an exception that <see cref="Failures"/> explains.</param>
    public CliCommand Runs(IConsole console, Func<ParseResult, CancellationToken, Task<ExitCode>> run)
    {
        SetAction(async (parsed, cancellationToken) =>
        {
            using var signals = new StopSignals(cancellationToken);
            try
            {
                return (int)await run(parsed, signals.Token);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return (int)signals.ExitCode;
            }
            catch (Exception failure) when (Failures.Explain(failure, console) is { } code)
            {
                return (int)code;
            }
        });
        return this;
    }
}
