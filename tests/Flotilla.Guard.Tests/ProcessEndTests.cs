using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Guard.Tests;

public sealed class ProcessEndTests
{
    [Fact]
    public void OneThatRunsHasNotEnded() => Assert.False(ProcessEnd.HasEnded(Environment.ProcessId));

    [Fact]
    public async Task OneThatNobodyTookNoticeOfHasEnded()
    {
        // The shell becomes a program that does not wait for the child it had.
        using var parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 0.5 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var child = int.Parse((await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
            while (!ProcessEnd.HasEnded(child))
                await Task.Delay(10, TestContext.Current.CancellationToken);
            Assert.True(Directory.Exists($"/proc/{child}"));
        }
        finally
        {
            parent.Kill();
        }

        await parent.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
