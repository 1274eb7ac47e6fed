namespace Flotilla.Sandbox.Tests.Support;

/// <summary>A root folder that goes away with its test, and every server in it too, however the test ends.</summary>
internal sealed class TempRoot : IAsyncDisposable
{
    /// <summary>With a blank and a quote in its name, which scripts and option files must bear.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("flotilla 's-").FullName;

    public SandboxRoot Root => new(Folder);

    /// <summary>With a template of that server, so that the first sandbox is made as fast as the others.</summary>
    public static async Task<TempRoot> CreateAsync(TemplateCache cache, ServerInstallation server)
    {
        var root = new TempRoot();
        try
        {
            await cache.CopyToAsync(root.Folder, server);
            return root;
        }
        catch
        {
            await root.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nothing but caches is left: no files, no processes.</summary>
    public void MustBeEmpty()
    {
        Assert.Empty(Leftovers());
        Assert.Empty(Processes());
    }

    public string Combine(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>What is left below the root but caches and empty folders of locks.</summary>
    public IReadOnlyList<string> Leftovers()
        => [.. Directory.EnumerateFileSystemEntries(Folder).Where(entry => Path.GetFileName(entry) is not (".templates" or ".locks" or ".servers"))
            .Concat(Directory.Exists(Combine(".locks")) ? Directory.EnumerateFiles(Combine(".locks")) : [])];

    /// <summary>Processes that were started with a path below the root.</summary>
    public IReadOnlyList<string> Processes()
        => [.. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Select(CommandLine).Where(line => line.Contains($"={Folder}/", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await ProcessTable.KillAsync(Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _) && CommandLine(folder).Contains($"={Folder}/", StringComparison.Ordinal))
            .Select(folder => int.Parse(Path.GetFileName(folder))).ToList(), CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
