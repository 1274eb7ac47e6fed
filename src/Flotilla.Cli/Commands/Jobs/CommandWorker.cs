using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>A worker whose handler is a command.</summary>
internal sealed class CommandWorker(IConsole console, ServerAccess access, WorkSettings settings)
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private GearmanWorker? _worker;
    private CancellationTokenSource? _enough;
    private Task _draining = Task.CompletedTask;
    private long _begun;

    /// <summary>Works until cancelled, which is a good end, or until it has done as many jobs as asked.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        if (settings.Command.Count > 0)
            RequireProgram(settings.Command[0]);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _enough = enough;
        await using var worker = new GearmanWorker(CreateOptions());
        _worker = worker;
        foreach (var function in settings.Functions)
            worker.Register(function, HandleAsync, new FunctionOptions { Timeout = settings.Timeout });
        await GreetAsync(worker, cancellationToken);
        await worker.RunAsync(enough.Token);
        await _draining;
        return ExitCode.Ok;
    }

    private GearmanWorkerOptions CreateOptions()
    {
        var options = new GearmanWorkerOptions
        {
            Servers = access.Servers,
            Secret = access.Secret,
            Tls = access.Tls,
            ConnectTimeout = access.ConnectTimeout,
            MaxConcurrency = settings.Concurrency,
            MaxGrabs = 1,
            ExceptionDetail = ExceptionDetail.Message,
            DrainTimeout = settings.Count is null ? settings.DrainTimeout : TimeSpan.FromDays(1),
            OnJobLost = loss => ErrorText.Write(console, $"{loss.Handle} {loss.Function}: the result is not wanted any more ({loss.Reason})"),
        };
        return settings.ClientId is { } id ? options with { ClientId = id } : options;
    }

    /// <summary>Says that it works, or that no server is there yet: a worker waits for its servers.</summary>
    private async Task GreetAsync(GearmanWorker worker, CancellationToken cancellationToken)
    {
        var functions = string.Join(", ", settings.Functions);
        var servers = string.Join(", ", access.Servers);
        try
        {
            await worker.StartAsync(cancellationToken).WaitAsync(ConnectPatience, console.Clock, cancellationToken);
            if (!settings.AsJson)
                console.Error.WriteLine($"working on {functions} for {servers}; stop with Ctrl-C");
        }
        catch (TimeoutException)
        {
            await RequireAccessAsync(cancellationToken);
            ErrorText.Write(console, $"no job server at {servers} yet; going on trying", "Start one with 'flotilla jobs serve', or name another with --server.");
        }
    }

    /// <summary>A server that is there and turns us away will do so tomorrow too: that is no reason to wait.</summary>
    private async Task RequireAccessAsync(CancellationToken cancellationToken)
    {
        foreach (var admin in access.CreateAdmins())
        {
            await using (admin)
            {
                try
                {
                    await admin.GetVersionAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    if (Failures.Find(failure) is { Code: ExitCode.NotAuthorized } refusal)
                        throw refusal;
                }
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> HandleAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _begun) == settings.Count)
            BeginEnd();
        var start = console.Clock.GetTimestamp();
        try
        {
            var result = settings.Command.Count == 0
                ? await PrintAsync(job)
                : await new CommandRun(console, settings, job).RunAsync(cancellationToken);
            Report(job, "completed", result.Length, start);
            return result;
        }
        catch (Exception failure)
        {
            Report(job, failure is OperationCanceledException ? "abandoned" : $"failed: {failure.Message}", 0, start);
            throw;
        }
    }

    /// <summary>Takes no more jobs from here on, so that the last one is the last one.</summary>
    private void BeginEnd()
    {
        _draining = _worker!.DrainAsync(CancellationToken.None);
        _enough!.CancelAfter(TimeSpan.Zero);
    }

    private async Task<ReadOnlyMemory<byte>> PrintAsync(GearmanJobContext job)
    {
        using var whole = new MemoryStream(job.Payload.Length + 1);
        whole.Write(job.Payload.Span);
        if (job.Payload.Length == 0 || job.Payload.Span[^1] != (byte)'\n')
            whole.WriteByte((byte)'\n');
        lock (_gate)
            console.OutputBytes.Write(whole.ToArray());
        await console.OutputBytes.FlushAsync();
        return default;
    }

    private void Report(GearmanJobContext job, string outcome, int resultBytes, long start)
    {
        var elapsedMs = (long)console.Clock.GetElapsedTime(start).TotalMilliseconds;
        lock (_gate)
        {
            if (settings.IsVerbose)
                console.Error.WriteLine(
                    $"{job.Handle} {CellText.Printable(job.Function)} {CellText.FormatBytes(job.Payload.Length)} -> {CellText.Printable(outcome)}, "
                    + $"{CellText.FormatBytes(resultBytes)}, {CellText.FormatDuration(elapsedMs)}");
            if (settings.AsJson)
                console.Output.WriteLine(JsonText.Object(writer =>
                {
                    writer.WriteString("handle", job.Handle.Text);
                    writer.WriteString("function", job.Function);
                    writer.WriteString("outcome", outcome);
                    writer.WriteNumber("payloadBytes", job.Payload.Length);
                    writer.WriteNumber("resultBytes", resultBytes);
                    writer.WriteNumber("elapsedMs", elapsedMs);
                }));
        }
    }

    private void RequireProgram(string program)
    {
        var places = program.Contains('/')
            ? [program]
            : (console.Variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':').Select(folder => Path.Combine(folder, program));
        if (!places.Any(File.Exists))
            throw new CliException(ExitCode.Failed, $"the command '{program}' is not there", "Give its path, or a name that is found in PATH.");
    }
}
