using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Clients;

/// <summary>A running client, worker or tool: its lines as they come, its input, killed on dispose.</summary>
internal sealed class ClientProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly StringBuilder _errors = new();
    private readonly string _title;

    public ClientProgram(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _title = Path.GetFileName(program) + " " + string.Join(' ', start.ArgumentList);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => AddError(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyList<string> Lines => [.. _lines];

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public void WriteLine(string line) => _process.StandardInput.WriteLine(line);

    public void CloseInput() => _process.StandardInput.Close();

    public async Task UntilAsync(string line) =>
        await Deadline.UntilAsync(() => _lines.Contains(line, StringComparer.Ordinal) || _process.HasExited, $"`{_title}` prints `{line}`; {Said}");

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        await Deadline.UntilAsync(() => _process.HasExited, $"`{_title}` ends; {Said}");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string Said => $"it said [{string.Join(", ", _lines)}] and complained [{Errors}]";

    private void Add(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }

    private void AddError(string? line)
    {
        lock (_errors)
            _errors.AppendLine(line);
    }
}
