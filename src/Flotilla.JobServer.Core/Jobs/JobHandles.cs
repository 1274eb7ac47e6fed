using System.Buffers.Text;
using System.Text;

namespace Flotilla.JobServer.Core;

/// <summary>Handles as peers see them: the prefix, a colon, the job's number in decimal.</summary>
internal sealed class JobHandles(string prefix)
{
    /// <summary>Clients keep 64 bytes for a handle, a zero byte included.</summary>
    public const int SizeBytesMax = 63;
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix + ":");

    public ReadOnlySpan<byte> Write(ulong id, Span<byte> target)
    {
        _prefix.CopyTo(target);
        Utf8Formatter.TryFormat(id, target[_prefix.Length..], out var digits);
        return target[..(_prefix.Length + digits)];
    }

    /// <summary>False for anything that <see cref="Write"/> does not produce.</summary>
    public bool TryParse(ReadOnlySpan<byte> handle, out JobId id)
    {
        id = default;
        if (!handle.StartsWith(_prefix))
            return false;
        var digits = handle[_prefix.Length..];
        if (digits.IsEmpty || (digits[0] == '0' && digits.Length > 1))
            return false;
        if (!Utf8Parser.TryParse(digits, out ulong value, out var used) || used != digits.Length || digits[0] == '+')
            return false;
        id = new JobId(value);
        return true;
    }
}
