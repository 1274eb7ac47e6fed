using System.Globalization;
using System.Text.Json;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Probe;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>One run of the probe: what is shown meanwhile and said at the end.</summary>
/// <param name="console">The world.</param>
/// <param name="options">Where and how it writes.</param>
/// <param name="asJson">Whether all is said in one object.</param>
/// <param name="meanwhile">What else goes on until the token ends it, and has lines to tell.</param>
internal sealed class ProbeRun(IConsole console, ProbeOptions options, bool asJson, Func<Action<string>, CancellationToken, Task>? meanwhile = null)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);

    /// <summary>Where there is no terminal to write over a line of.</summary>
    private static readonly TimeSpan s_linePeriod = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    private readonly HashSet<ProbeOutage> _told = [];

    public async Task<ExitCode> RunAsync(TimeSpan? length, CancellationToken cancellationToken)
    {
        await using var probe = await ClusterProbe.StartAsync(options, cancellationToken);
        if (!asJson)
            console.Error.WriteLine($"writing to {options.Table}; Ctrl-C ends it");
        await using (var line = new ProgressLine(console, "writing"))
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var beside = meanwhile?.Invoke(text => Say(line, text), ending.Token) ?? Task.CompletedTask;
            var told = TimeSpan.Zero;
            while (!cancellationToken.IsCancellationRequested && (length is null || probe.Status.Elapsed < length))
            {
                await Task.Delay(s_period, console.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                var status = probe.Status;
                TellOutages(status, line);
                line.Report(Progress(status));
                if (!asJson && !console.IsErrorTerminal && status.Elapsed - told >= s_linePeriod)
                {
                    told = status.Elapsed;
                    console.Error.WriteLine(Progress(status));
                }
            }

            await ending.CancelAsync();
            await beside;
            await probe.StopAsync();
            TellOutages(probe.Status, line);
        }

        // Told to stop: what was written is read back all the same; a second signal ends the process.
        return Tell(await probe.VerifyAsync(CancellationToken.None));
    }

    private static string Progress(ProbeStatus status)
    {
        var where = status.CurrentGap > TimeSpan.FromSeconds(1) && status.Answers.Length > 0
            ? string.Join("; ", status.Answers.Select(answer => $"{answer.Key}: {answer.Value}"))
            : string.Join(", ", status.Servers);
        return string.Create(CultureInfo.InvariantCulture, $"{status.WritesPerSecond:0} writes/s, {status.Acknowledged} acknowledged, longest gap {Milliseconds(status.LongestGap)} ms  {where}");
    }

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);

    private static string Clock(DateTimeOffset moment) => moment.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private void TellOutages(ProbeStatus status, ProgressLine line)
    {
        foreach (var outage in status.Outages.Where(_told.Add))
        {
            if (asJson)
                continue;
            var who = options.Writers > 1 ? $"writer {outage.Writer}: " : "";
            var failed = outage.Failed switch { 0 => "", 1 => "; 1 write failed", var many => $"; {many} writes failed" };
            Say(line, string.Create(
                CultureInfo.InvariantCulture, $"{who}no write for {Milliseconds(outage.Gap)} ms: last {Clock(outage.LastSuccess)} on {outage.From}, first {Clock(outage.FirstSuccess)} on {outage.To}{failed}"));
        }
    }

    private void Say(ProgressLine line, string text)
    {
        lock (_gate)
        {
            line.Clear();
            console.Output.WriteLine(text);
        }
    }

    private ExitCode Tell(ProbeResult result)
    {
        var status = result.Status;
        if (asJson)
        {
            console.Output.WriteLine(JsonText.Object(writer => Fill(writer, result)));
        }
        else
        {
            if (status.CurrentGap >= options.OutageMin)
                console.Output.WriteLine($"no write for the last {Milliseconds(status.CurrentGap)} ms");
            console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"acknowledged {status.Acknowledged}, lost {result.Lost}, duplicates {result.Duplicates}, refused {status.Refused} ({result.Phantoms} of them there), not answered {status.Unknown} ({result.UnknownWritten} of them there), longest gap {Milliseconds(status.LongestGap)} ms; read back from {result.Server}"));
            foreach (var row in result.LostRows)
                console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lost: writer {row.Writer} number {row.Number}"));
        }

        return result.IsRight ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Fill(Utf8JsonWriter writer, ProbeResult result)
    {
        var status = result.Status;
        writer.WriteNumber("elapsedMs", Milliseconds(status.Elapsed));
        writer.WriteNumber("acknowledged", status.Acknowledged);
        writer.WriteNumber("lost", result.Lost);
        writer.WriteNumber("duplicates", result.Duplicates);
        writer.WriteNumber("phantoms", result.Phantoms);
        writer.WriteNumber("refused", status.Refused);
        writer.WriteNumber("unknown", status.Unknown);
        writer.WriteNumber("unknownWritten", result.UnknownWritten);
        writer.WriteNumber("longestGapMs", Milliseconds(status.LongestGap));
        writer.WriteString("server", result.Server);
        writer.WriteStartArray("outages");
        foreach (var outage in status.Outages)
        {
            writer.WriteStartObject();
            writer.WriteNumber("writer", outage.Writer);
            writer.WriteString("lastSuccess", outage.LastSuccess);
            writer.WriteString("firstSuccess", outage.FirstSuccess);
            writer.WriteNumber("gapMs", Milliseconds(outage.Gap));
            writer.WriteString("from", outage.From);
            writer.WriteString("to", outage.To);
            writer.WriteNumber("failed", outage.Failed);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("lostRows");
        foreach (var row in result.LostRows)
        {
            writer.WriteStartObject();
            writer.WriteNumber("writer", row.Writer);
            writer.WriteNumber("number", row.Number);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
