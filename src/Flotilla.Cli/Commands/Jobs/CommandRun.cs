using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Flotilla.Cli.Hosting;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The command, run for one job.</summary>
internal sealed class CommandRun(IConsole console, WorkSettings settings, GearmanJobContext job)
{
    /// <summary>What the last lines of standard error may hold in an exception.</summary>
    private const int ErrorTailBytes = 2000;

    /// <summary>A result beyond this can't be sent as one packet; use --stream.</summary>
    private const long ResultBytesMax = 1024L * 1024 * 1024;

    private readonly StringBuilder _errorTail = new();

    private bool ReadsErrors => settings.ReadsProgress || settings.ReportsExceptions;

    /// <exception cref="JobFailedException">The command could not be started or did not exit with 0.</exception>
    public async Task<ReadOnlyMemory<byte>> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        try
        {
            var feeding = FeedAsync(process, cancellationToken);
            var errors = ReadsErrors ? ReadErrorsAsync(process, cancellationToken) : Task.CompletedTask;
            var result = await ReadOutputAsync(process, cancellationToken);
            await errors;
            await feeding;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? result : throw Failure($"{settings.Command[0]} exited with {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(settings.Command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = ReadsErrors,
            UseShellExecute = false,
        };
        foreach (var word in settings.Command.Skip(1))
            start.ArgumentList.Add(word);
        start.Environment["FLOTILLA_JOB_HANDLE"] = job.Handle.Text;
        start.Environment["FLOTILLA_JOB_FUNCTION"] = job.Function;
        start.Environment["FLOTILLA_JOB_UNIQUE"] = job.Unique;
        start.Environment["FLOTILLA_JOB_REDUCER"] = job.Reducer ?? "";
        try
        {
            return Process.Start(start) ?? throw Failure($"{settings.Command[0]} did not start");
        }
        catch (Win32Exception refusal)
        {
            throw Failure($"{settings.Command[0]} did not start: {refusal.Message}");
        }
    }

    private async Task FeedAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            var input = process.StandardInput.BaseStream;
            await input.WriteAsync(job.Payload, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command need not read what it is given.
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadOutputAsync(Process process, CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.BaseStream;
        var whole = new MemoryStream();
        var chunk = new byte[32 * 1024];
        while (await output.ReadAsync(chunk, cancellationToken) is > 0 and var count)
        {
            if (settings.IsStreaming)
                await job.SendDataAsync(chunk.AsMemory(0, count).ToArray(), cancellationToken);
            else if (whole.Length + count > ResultBytesMax)
                throw Failure($"{settings.Command[0]} wrote more than {ResultBytesMax} bytes; pass them on with --stream");
            else
                whole.Write(chunk, 0, count);
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    private async Task ReadErrorsAsync(Process process, CancellationToken cancellationToken)
    {
        while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            if (settings.ReadsProgress && TryProgress(line, out var numerator, out var denominator))
            {
                await job.SendProgressAsync(numerator, denominator, cancellationToken);
            }
            else if (settings.ReadsProgress && line.StartsWith("warning ", StringComparison.OrdinalIgnoreCase))
            {
                await job.SendWarningAsync(Encoding.UTF8.GetBytes(line["warning ".Length..]), cancellationToken);
            }
            else
            {
                console.Error.WriteLine(line);
                _errorTail.AppendLine(line);
                if (_errorTail.Length > ErrorTailBytes)
                    _errorTail.Remove(0, _errorTail.Length - ErrorTailBytes);
            }
        }
    }

    /// <summary><c>progress 3/10</c>, in any case.</summary>
    private static bool TryProgress(string line, out long numerator, out long denominator)
    {
        numerator = denominator = 0;
        const string word = "progress ";
        if (!line.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            return false;
        var numbers = line[word.Length..].Split('/', 2, StringSplitOptions.TrimEntries);
        return numbers.Length == 2
            && long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out numerator)
            && long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out denominator);
    }

    private JobFailedException Failure(string what)
    {
        if (!settings.ReportsExceptions)
            return new JobFailedException(what);
        var tail = _errorTail.ToString().TrimEnd();
        return new JobFaultException(tail.Length > 0 ? $"{what}: {tail}" : what);
    }
}
