using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// One direction of a backup's connection: records that only those can read or make who know the cluster's secret, in their order. See docs/protocols/backup-stream.md. One caller at a time.
/// </summary>
internal sealed class SealedRecords : IDisposable
{
    public const int NonceBytes = 32;
    public const int HeaderBytes = 4;
    public const int TagBytes = 16;

    /// <summary>Of a record's content.</summary>
    public const int ContentBytesMax = 64 << 10;

    private const int KeyBytes = 32;
    private const int CounterAt = 4;

    private readonly AesGcm _cipher;
    private ulong _count;

    /// <param name="secret">The cluster's.</param>
    /// <param name="token">Of the question that the connection answers.</param>
    /// <param name="taker">The nonce of the one that takes.</param>
    /// <param name="donor">The nonce of the one that gives.</param>
    public SealedRecords(string secret, string token, ReadOnlySpan<byte> taker, ReadOnlySpan<byte> donor)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), key, salt: (ReadOnlySpan<byte>)[.. taker, .. donor], info: Encoding.UTF8.GetBytes("flotilla backup 1 " + token));
        _cipher = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Writes the next record; returns its length.</summary>
    public int Seal(ReadOnlySpan<byte> content, Span<byte> record)
    {
        BinaryPrimitives.WriteInt32BigEndian(record, content.Length);
        Span<byte> nonce = stackalloc byte[12];
        Next(nonce);
        var end = HeaderBytes + content.Length;
        _cipher.Encrypt(nonce, content, record[HeaderBytes..end], record.Slice(end, TagBytes), associatedData: record[..HeaderBytes]);
        return end + TagBytes;
    }

    /// <summary>The length of the content that a header announces.</summary>
    /// <exception cref="IOException">There is no such record.</exception>
    public static int ContentLength(ReadOnlySpan<byte> header)
        => BinaryPrimitives.ReadInt32BigEndian(header) is >= 0 and <= ContentBytesMax and var length ? length : throw new IOException("this is no backup, or of another cluster");

    /// <summary>Reads the next record.</summary>
    /// <exception cref="IOException">It is not the next one of the other side.</exception>
    public void Open(ReadOnlySpan<byte> record, Span<byte> content)
    {
        Span<byte> nonce = stackalloc byte[12];
        Next(nonce);
        try
        {
            _cipher.Decrypt(nonce, record[HeaderBytes..^TagBytes], record[^TagBytes..], content, associatedData: record[..HeaderBytes]);
        }
        catch (AuthenticationTagMismatchException wrong)
        {
            throw new IOException("the backup was changed on its way, or is of another cluster", wrong);
        }
    }

    public void Dispose() => _cipher.Dispose();

    private void Next(Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[CounterAt..], _count++);
    }
}
