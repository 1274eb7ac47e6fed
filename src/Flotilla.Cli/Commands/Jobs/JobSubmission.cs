using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>One job: submitted, waited for, its data printed as it comes.</summary>
internal sealed class JobSubmission(IConsole console, GearmanClient client, SubmitSettings settings)
{
    public async Task<ExitCode> RunAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var request = settings.ToRequest(payload);
        if (settings.IsBackground)
        {
            PrintHandle(await SubmitDetachedAsync(client, request, settings, cancellationToken));
            return ExitCode.Ok;
        }

        return settings.AsJson ? await RunForProgramAsync(request, cancellationToken) : await StreamAsync(request, cancellationToken);
    }

    public static Task<JobHandle> SubmitDetachedAsync(
        GearmanClient client, JobRequest request, SubmitSettings settings, CancellationToken cancellationToken)
        => settings.Due is { } due
            ? client.ScheduleAsync(request, due, cancellationToken)
            : client.SubmitBackgroundAsync(request, cancellationToken);

    private void PrintHandle(JobHandle handle)
        => console.Output.WriteLine(settings.AsJson ? JsonText.Object(writer => writer.WriteString("handle", handle.Text)) : handle.Text);

    private async Task<ExitCode> StreamAsync(JobRequest request, CancellationToken cancellationToken)
    {
        await using var progress = new ProgressLine(console, $"waiting for {request.Function}");
        var job = await client.StartAsync(request, cancellationToken);
        progress.Report($"{job.Handle}: waiting for a worker of {request.Function}");
        await foreach (var update in job.ReadUpdatesAsync(cancellationToken))
        {
            switch (update.Kind)
            {
                case JobUpdateKind.Data or JobUpdateKind.Completed:
                    progress.Clear();
                    await console.OutputBytes.WriteAsync(update.Payload, cancellationToken);
                    await console.OutputBytes.FlushAsync(cancellationToken);
                    break;
                case JobUpdateKind.Warning:
                    progress.Clear();
                    ErrorText.Write(console, $"warning: {update.Text}");
                    break;
                case JobUpdateKind.Progress:
                    progress.Report(
                        $"{job.Handle}: {update.Progress.Numerator}/{update.Progress.Denominator}",
                        update.Progress.Denominator > 0 ? update.Progress.Fraction : null);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(request), update.Kind, null);
            }
        }

        // At a terminal the prompt shall not stick to the result.
        if (console.IsOutputTerminal)
            console.Output.WriteLine();
        return ExitCode.Ok;
    }

    private async Task<ExitCode> RunForProgramAsync(JobRequest request, CancellationToken cancellationToken)
    {
        await using var progress = new ProgressLine(console, $"waiting for {request.Function}");
        var outcome = await JobOutcome.OfAsync(client, request, console.Clock, cancellationToken);
        progress.Clear();
        console.Output.WriteLine(JsonText.Object(outcome.WriteTo));
        return outcome.Code;
    }
}
