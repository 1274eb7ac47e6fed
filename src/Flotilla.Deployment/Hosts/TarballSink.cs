using System.Security.Cryptography;

namespace Flotilla.Deployment;

/// <summary>Takes a tarball as it comes: to the disk, into its checksum, and tells how far it is.</summary>
internal sealed class TarballSink(Stream file, IncrementalHash digest, string name, Action<string> tell, long bytesMax)
{
    private const long TellEveryBytes = 32L << 20;

    private long _told;

    public long Bytes { get; private set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Bytes += bytes.Length;
        if (Bytes > bytesMax)
            throw new DeploymentException(DeploymentProblem.Storage, $"{name} is longer than the {bytesMax >> 30} GiB that a tarball may have");
        digest.AppendData(bytes.Span);
        await file.WriteAsync(bytes, cancellationToken);
        if (Bytes - _told < TellEveryBytes && _told > 0)
            return;
        _told = Bytes;
        tell($"fetching {name}: {Bytes >> 20} MiB");
    }
}
