using System.Threading.Channels;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>One job per line: some under way at once, what they bring printed in the order of the lines.</summary>
internal sealed class LineSubmission(IConsole console, GearmanClient client, SubmitSettings settings)
{
    private long _submitted;
    private long _ended;
    private long _failed;
    private ExitCode _worst;

    /// <returns>Ok when all jobs did well, otherwise the code of the first that did not.</returns>
    public async Task<ExitCode> RunAsync(Stream input, CancellationToken cancellationToken)
    {
        await using var progress = new ProgressLine(console, "reading lines");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = Channel.CreateBounded<Task<LineOutcome>>(settings.Parallel);
        var reading = Task.Run(() => SubmitAllAsync(input, underWay.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var job in underWay.Reader.ReadAllAsync(cancellationToken))
            {
                await PrintAsync(await job, progress, cancellationToken);
                progress.Report($"{_ended} of {Interlocked.Read(ref _submitted)} jobs ended, {_failed} failed");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reading;
        if (_failed > 0)
            ErrorText.Write(console, $"{_failed} of {_ended} jobs failed");
        return _worst;
    }

    private async Task SubmitAllAsync(Stream input, ChannelWriter<Task<LineOutcome>> underWay, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(settings.Parallel);
        var last = new List<Task>();
        try
        {
            var lines = new LineReader(input);
            while (await lines.ReadAsync(cancellationToken) is { } line)
            {
                await room.WaitAsync(cancellationToken);
                Interlocked.Increment(ref _submitted);
                var job = SubmitOneAsync(line, room, cancellationToken);
                last.RemoveAll(static one => one.IsCompleted);
                last.Add(job);
                await underWay.WriteAsync(job, cancellationToken);
            }

            underWay.Complete();
        }
        catch (Exception failure)
        {
            underWay.Complete(failure);
            throw;
        }
        finally
        {
            await Task.WhenAll(last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<LineOutcome> SubmitOneAsync(byte[] line, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        try
        {
            var request = settings.ToRequest(line);
            if (!settings.IsBackground)
                return new LineOutcome(null, await JobOutcome.OfAsync(client, request, console.Clock, cancellationToken), null);
            return new LineOutcome(await JobSubmission.SubmitDetachedAsync(client, request, settings, cancellationToken), null, null);
        }
        catch (Exception failure) when (failure is not OperationCanceledException && Failures.Find(failure) is { } error)
        {
            return new LineOutcome(null, null, error);
        }
        finally
        {
            room.Release();
        }
    }

    private async Task PrintAsync(LineOutcome outcome, ProgressLine progress, CancellationToken cancellationToken)
    {
        _ended++;
        var error = outcome.Error ?? outcome.Foreground?.Error;
        if (error is not null)
        {
            _failed++;
            if (_worst == ExitCode.Ok)
                _worst = error.Code;
            progress.Clear();
            ErrorText.Write(console, $"line {_ended}: {error.Message}");
        }

        if (outcome.Foreground is { } job && settings.AsJson)
            console.Output.WriteLine(JsonText.Object(job.WriteTo));
        else if (outcome.Foreground?.Result is { } result)
            await PrintResultAsync(result, cancellationToken);
        else if (outcome.Handle is { } handle)
            console.Output.WriteLine(settings.AsJson ? JsonText.Object(writer => writer.WriteString("handle", handle.Text)) : handle.Text);
    }

    private async Task PrintResultAsync(JobResult result, CancellationToken cancellationToken)
    {
        foreach (var warning in result.Warnings)
            ErrorText.Write(console, $"line {_ended}: warning: {System.Text.Encoding.UTF8.GetString(warning.Span)}");
        var bytes = result.Concatenate();
        await console.OutputBytes.WriteAsync(bytes, cancellationToken);
        if (bytes.Length == 0 || bytes.Span[^1] != (byte)'\n')
            await console.OutputBytes.WriteAsync("\n"u8.ToArray(), cancellationToken);
        await console.OutputBytes.FlushAsync(cancellationToken);
    }

    /// <summary>One of the three: a background job's handle, a foreground job's end, or why neither.</summary>
    private sealed record LineOutcome(JobHandle? Handle, JobOutcome? Foreground, CliException? Error);
}
