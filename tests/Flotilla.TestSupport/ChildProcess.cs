using System.Diagnostics;
using System.Reflection;

namespace Flotilla.TestSupport;

/// <summary>
/// This test program started once more, with <c>--child</c> and what it should do: for what must not happen to the tests themselves (kill,
/// limits on descriptors) or needs descriptors of its own.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts it; with <paramref name="shellPrefix"/> through a shell that runs the prefix first, as <c>ulimit -n 64;</c>.</summary>
    public static ChildProcess Start(IEnumerable<string> arguments, string? shellPrefix = null)
    {
        var program = Assembly.GetEntryAssembly()!.Location;
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true };
        string[] all = ["exec", program, "--child", .. arguments];
        if (shellPrefix is not null)
        {
            start.FileName = "/bin/sh";
            all = ["-c", shellPrefix + " exec dotnet \"$@\"", "sh", .. all];
        }

        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The next line it prints; throws when it ends before, or is silent for too long.</summary>
    public async Task<string> ReadLineAsync()
        => await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2)
            ?? throw new EndOfStreamException($"the child ended with {await EndAsync()}");

    /// <summary>Waits for its end and returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline.Default * 2);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: it gets no chance to say goodbye.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
