using System.Diagnostics;
using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Samples.Tests;

/// <summary>A sample running as the program it is.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Sample(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static Sample Start(string name, params string[] arguments)
    {
        // Built with the same configuration as these tests.
        var built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        var program = Repository.Combine("samples", name, "bin", built[^2], built[^1], name + ".dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new Sample(Process.Start(start)!);
    }

    /// <summary>Runs a sample to its end; its output when it succeeded.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        await using var sample = Start(name, arguments);
        var exitCode = await sample.EndAsync();
        Assert.True(exitCode == 0, $"{name} ended with {exitCode}: {sample.Output}");
        return sample.Output;
    }

    /// <summary>A line on its standard input.</summary>
    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public Task SaysAsync(string text) => Deadline.UntilAsync(() => Output.Contains(text), $"'{text}' is printed");

    /// <summary>As an init system stops a service.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline.Default);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
