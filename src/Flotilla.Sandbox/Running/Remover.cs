namespace Flotilla.Sandbox;

/// <summary>Takes a sandbox away, however far it was made. Its lock must be held.</summary>
internal static class Remover
{
    /// <summary>Not to be cancelled: half of it is of no use to anybody, and the next run would do the rest.</summary>
    public static async Task RemoveAsync(Catalog catalog, SandboxRecord record)
    {
        var folder = catalog.FolderOf(record.Name);
        try
        {
            if (record.State == SandboxState.Made)
                (record with { State = SandboxState.Removing }).Write(folder);
        }
        catch (IOException)
        {
            // On a full disk the journal can't be written; removing makes room.
        }

        await EndProcessesAsync(folder, record);
        try
        {
            foreach (var child in Directory.EnumerateFileSystemEntries(folder).Where(child => Path.GetFileName(child) != SandboxRecord.FileName))
                Delete(child);
            Directory.Delete(folder, recursive: true);
            using var host = await HostRegistry.LockAsync(CancellationToken.None);
            if (catalog.IsEmpty)
                HostRegistry.Leave(catalog.Root);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException(SandboxProblem.Storage, $"{folder} can't be removed: {failure.Message}", failure);
        }
    }

    /// <summary>Removes the sandboxes that nobody finished and nobody works on.</summary>
    public static async Task RemoveHalfMadeAsync(Catalog catalog, Steps steps, string except)
    {
        foreach (var record in catalog.List().Where(record => record.State != SandboxState.Made && record.Name != except))
        {
            using var ours = catalog.TryLock(record.Name);
            if (ours is null || catalog.Find(record.Name) is not { State: not SandboxState.Made } still)
                continue;
            steps.Begin($"removing {record.Name}, which was left half-made");
            await RemoveAsync(catalog, still);
        }
    }

    /// <summary>Kills its servers, and what somebody who died left making them.</summary>
    public static async Task EndProcessesAsync(string folder, SandboxRecord record)
    {
        // Twice: a script that was under way may have started a server after we looked.
        for (var turn = 0; turn < 2; turn++)
            await ProcessTable.KillAsync(ProcessTable.OfSandbox(folder, record.Spec.Server.Server), CancellationToken.None);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
