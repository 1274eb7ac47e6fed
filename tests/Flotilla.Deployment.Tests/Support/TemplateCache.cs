using Flotilla.Sandbox;

namespace Flotilla.Deployment.Tests.Support;

/// <summary>Empty data folders made once for all tests of a run, and copied to where a worker looks for them.</summary>
public sealed class TemplateCache : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-dt-").FullName;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async Task CopyToAsync(string root, string basedir)
    {
        await _gate.WaitAsync();
        try
        {
            if (_made.Add(basedir))
            {
                var sandboxes = new SandboxRoot(_folder);
                await sandboxes.CreateAsync(new SandboxSpec { Name = "t", Server = await ServerFinder.Create().FromBasedirAsync(basedir) });
                await sandboxes.RemoveAsync("t");
            }
        }
        finally
        {
            _gate.Release();
        }

        await Shell.MustAsync("/bin/cp", "-a", Path.Combine(_folder, ".templates"), root);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }
}
