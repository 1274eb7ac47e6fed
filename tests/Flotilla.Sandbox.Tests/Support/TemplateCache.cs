namespace Flotilla.Sandbox.Tests.Support;

/// <summary>Templates made once for all tests of a run, copied into each test's own root.</summary>
public sealed class TemplateCache : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-templates-").FullName;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, string> _made = new(StringComparer.Ordinal);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Puts the server's template below a root, as if a sandbox had been made there before.</summary>
    public async Task CopyToAsync(string root, ServerInstallation server)
    {
        await _gate.WaitAsync();
        try
        {
            if (!_made.ContainsKey(server.Server))
                _made[server.Server] = await new Templates(_folder).EnsureAsync(new SandboxSpec { Server = server }, CancellationToken.None);
        }
        finally
        {
            _gate.Release();
        }

        var copies = Path.Combine(root, ".templates");
        Directory.CreateDirectory(copies);
        await Shell.MustAsync("/bin/cp", "-a", _made[server.Server], copies);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }
}
