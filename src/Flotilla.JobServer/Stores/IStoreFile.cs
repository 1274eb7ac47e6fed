namespace Flotilla.JobServer.Stores;

/// <summary>One open file of <see cref="IStoreFiles"/>. Every failure is a <see cref="StoreFileException"/>.</summary>
public interface IStoreFile : IDisposable
{
    long LengthBytes { get; }

    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/>; returns less only at the end of the file.</summary>
    int Read(long offset, Span<byte> target);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes the file this long, in zeros, with its space set aside: a later write within it does not find the disk full.</summary>
    void Reserve(long sizeBytes);

    void SetLength(long sizeBytes);

    /// <summary>Makes everything written durable. After it failed, nothing about what was written since the last success is known.</summary>
    void Flush();
}
