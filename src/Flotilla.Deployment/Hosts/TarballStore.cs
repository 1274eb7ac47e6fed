using System.Collections.Concurrent;
using System.Security.Cryptography;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The tarballs of a host, below <c>tarballs</c> in its root. What is there under its name is whole and was checked, or put there by a person.</summary>
internal sealed class TarballStore(SandboxRoot root)
{
    private readonly ConcurrentDictionary<(string File, long Size, DateTime Written), string> _digests = new();

    public string Folder => Path.Combine(root.Folder, "tarballs");

    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>While it is not whole.</summary>
    public string PartOf(string file) => Path.Combine(Folder, $".{file}.part");

    public Task<FolderLock> LockAsync(string file, CancellationToken cancellationToken) => FolderLock.TakeAsync(Path.Combine(Folder, $".{file}.lock"), cancellationToken);

    public async Task<IReadOnlyList<TarballFact>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<TarballFact>();
        foreach (var path in Directory.Exists(Folder) ? Directory.GetFiles(Folder).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var file = Path.GetFileName(path);
            if (BareName.IsFile(file) && file.Contains(".tar", StringComparison.Ordinal))
                found.Add(new TarballFact { File = file, SizeBytes = new FileInfo(path).Length, Sha256 = await DigestAsync(path, cancellationToken) });
        }

        return found;
    }

    /// <summary>Its sha256 in lower-case hexadecimal digits; kept as long as the file does not change.</summary>
    public async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        var key = (path, info.Length, info.LastWriteTimeUtc);
        if (_digests.TryGetValue(key, out var known))
            return known;
        await using var file = File.OpenRead(path);
        return _digests[key] = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
