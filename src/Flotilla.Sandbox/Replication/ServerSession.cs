namespace Flotilla.Sandbox;

/// <summary>One connection to a server, for the few statements that sandboxes need. Not thread-safe.</summary>
public sealed class ServerSession : IAsyncDisposable
{
    private readonly string _script;

    private ServerSession(string script) => _script = script;

    internal static Task<ServerSession> OpenAsync(NodeFiles node, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new ServerSession(Path.Combine(node.Folder, "use_root")));
    }

    /// <summary>Runs a statement whose result does not matter.</summary>
    /// <exception cref="SandboxException">The server refused it.</exception>
    public async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
        => await QueryAsync(statement, cancellationToken);

    /// <summary>Runs a statement and returns its rows, values by the names of their columns.</summary>
    /// <exception cref="SandboxException">The server refused it.</exception>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string?>>> QueryAsync(string statement, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync("/bin/sh", [_script, "--batch", "--raw", "-e", statement], [], cancellationToken);
        if (run.Code != 0)
            throw new SandboxException(SandboxProblem.ServerFailed, run.Why);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return [];
        var names = lines[0].Split('\t');
        return [.. lines.Skip(1).Select(line => names.Zip(line.Split('\t')).ToDictionary(one => one.First, one => (string?)one.Second, StringComparer.OrdinalIgnoreCase))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
