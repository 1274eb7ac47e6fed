using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>Runs what people want to be done: a program, or a job. Says null when it ended well, else why not.</summary>
internal sealed class HookRunner(HookOptions hook, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task>? runJob)
{
    /// <summary>Of what it says on standard error.</summary>
    private const int WordsMax = 500;

    private static readonly TimeSpan s_wordsWithin = TimeSpan.FromMilliseconds(200);

    public Task<string?> RunAsync(ServerSpec server, ClusterState state, CancellationToken cancellationToken)
        => hook.Function is { } function ? RunJobAsync(function, server, state, cancellationToken) : RunProgramAsync(server, state, cancellationToken);

    private async Task<string?> RunJobAsync(string function, ServerSpec server, ClusterState state, CancellationToken cancellationToken)
    {
        if (runJob is null)
            return $"job {function}: this node has no job server";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(hook.Within);
        try
        {
            await runJob(function, Workload(server, state), limit.Token).WaitAsync(limit.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Late($"job {function}");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return $"job {function}: {failure.Message}";
        }
    }

    private async Task<string?> RunProgramAsync(ServerSpec server, ClusterState state, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(hook.Command[0], hook.Command.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["FLOTILLA_SERVER"] = server.Name.ToString();
        start.Environment["FLOTILLA_HOST"] = server.Host;
        start.Environment["FLOTILLA_PORT"] = server.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FLOTILLA_EPOCH"] = state.LastEpoch.ToString(CultureInfo.InvariantCulture);
        start.Environment["FLOTILLA_CAUSE"] = state.Plan?.Cause ?? "";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var words = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken).WaitAsync(hook.Within, cancellationToken);
            }
            catch (Exception late) when (late is TimeoutException or OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return Late(hook.Command[0]);
            }

            if (process.ExitCode == 0)
                return null;
            // A child that it left behind may hold the stream open.
            var said = await Task.WhenAny(words, Task.Delay(s_wordsWithin, cancellationToken)) == words ? (await words).Trim() : "";
            return $"{hook.Command[0]} ended with {process.ExitCode}: {said[..Math.Min(said.Length, WordsMax)]}";
        }
        catch (Win32Exception failure)
        {
            return $"{hook.Command[0]} can't be run: {failure.Message}";
        }
    }

    private static byte[] Workload(ServerSpec server, ClusterState state)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("server", server.Name.ToString());
            writer.WriteString("host", server.Host);
            writer.WriteNumber("port", server.Port);
            writer.WriteNumber("epoch", state.LastEpoch);
            writer.WriteString("cause", state.Plan?.Cause ?? "");
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private string Late(string what) => string.Create(CultureInfo.InvariantCulture, $"{what} took longer than {hook.Within.TotalSeconds:0.###} s");
}
