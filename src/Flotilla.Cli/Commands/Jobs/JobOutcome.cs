using System.Text.Json;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>How a foreground job ended, as a value.</summary>
/// <param name="Code">What it means for the exit code.</param>
/// <param name="Handle">Null when no server took it.</param>
/// <param name="Function">What was asked for.</param>
/// <param name="Result">When it completed.</param>
/// <param name="Error">What to say when it did not.</param>
/// <param name="Fault">The worker's own bytes about its exception.</param>
/// <param name="ElapsedMs">From the submit to the end.</param>
internal sealed record JobOutcome(
    ExitCode Code, string? Handle, string Function, JobResult? Result, CliException? Error, ReadOnlyMemory<byte> Fault, long ElapsedMs)
{
    public static async Task<JobOutcome> OfAsync(
        GearmanClient client, JobRequest request, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        try
        {
            var result = await client.SubmitAsync(request, cancellationToken);
            return new JobOutcome(ExitCode.Ok, result.Handle.Text, request.Function, result, null, default, Elapsed());
        }
        catch (Exception failure) when (failure is not OperationCanceledException && Failures.Find(failure) is { } error)
        {
            var handle = (failure as JobFailedException)?.Handle.Text;
            var fault = failure is JobFaultException exception ? exception.Fault : default;
            return new JobOutcome(error.Code, handle, request.Function, null, error, fault, Elapsed());
        }

        long Elapsed() => (long)clock.GetElapsedTime(start).TotalMilliseconds;
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteString("handle", Handle);
        writer.WriteString("function", Function);
        writer.WriteString("outcome", Code switch
        {
            ExitCode.Ok => "completed",
            ExitCode.JobFailed => "failed",
            ExitCode.JobException => "exception",
            ExitCode.TimedOut => "timedOut",
            _ => "error",
        });
        if (Result is not null)
        {
            JsonText.WriteBytes(writer, "data", Result.Concatenate().Span);
            writer.WriteStartArray("warnings");
            foreach (var warning in Result.Warnings)
                writer.WriteStringValue(System.Text.Encoding.UTF8.GetString(warning.Span));
            writer.WriteEndArray();
        }

        if (Error is not null)
            writer.WriteString("error", Error.Message);
        if (Fault.Length > 0)
            JsonText.WriteBytes(writer, "fault", Fault.Span);
        writer.WriteNumber("elapsedMs", ElapsedMs);
    }
}
