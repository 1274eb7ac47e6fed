using System.Diagnostics;
using System.Globalization;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Launcher;

/// <summary>From gearmand with its SQLite queue to ours, in place.</summary>
public sealed class OldQueueTests
{
    [Fact]
    [Trait("tier", "full")]
    public async Task JobsOfGearmandsTableAreTakenOverOnce()
    {
        using var folder = new TempFolder();
        var port = FreePort.Next();
        string[] line =
        [
            "-p", port.ToString(CultureInfo.InvariantCulture), "-L", "127.0.0.1", "-P", folder.Combine("pid"), "-l", "none",
            "-q", "libsqlite3", "--libsqlite3-db", folder.Combine("queue.db"),
        ];
        await ServeAsync(CPeer.Gearmand(), line, port, async () =>
        {
            foreach (var unique in (string[])["one", "two", "three"])
                (await Run.FlotillaAsync("jobs", "submit", "f", "payload-" + unique, "-b", "-u", unique, "-s", $"127.0.0.1:{port}")).Must();
        });
        foreach (var _ in (int[])[1, 2])
        {
            await ServeAsync(Run.GearmandPath, line, port, async () =>
            {
                var queue = await Run.FlotillaAsync("jobs", "show", "queue", "f", "--json", "-s", $"127.0.0.1:{port}");
                queue.Must();
                Assert.Equal(
                    ["one", "three", "two"],
                    queue.Json.EnumerateArray().Select(job => job.GetProperty("unique").GetString()).Order(StringComparer.Ordinal));
            });
        }
    }

    private static async Task ServeAsync(string program, string[] line, int port, Func<Task> act)
    {
        using var process = Run.Start(program, line);
        try
        {
            await Deadline.UntilAsync(() => process.HasExited || CPeer.Accepts(port), $"{program} listens");
            Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync() : "");
            await act();
        }
        finally
        {
            using var end = Process.Start("/bin/sh", ["-c", $"kill {process.Id}"]);
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
    }
}
