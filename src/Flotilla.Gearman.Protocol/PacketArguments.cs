namespace Flotilla.Gearman.Protocol;

/// <summary>Takes the arguments of a body one after another: all but the last end with a zero byte, the last takes the rest.</summary>
public ref struct PacketArguments(ReadOnlySpan<byte> body)
{
    private readonly int _bodyBytes = body.Length;
    private ReadOnlySpan<byte> _rest = body;
    private int _taken;

    /// <summary>The next argument that must end with a zero byte; false when there is no zero byte left.</summary>
    public bool TryNext(out ReadOnlySpan<byte> argument)
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
        {
            argument = default;
            return false;
        }

        argument = _rest[..end];
        _rest = _rest[(end + 1)..];
        _taken++;
        return true;
    }

    /// <summary>Where in the body the next argument begins.</summary>
    public readonly int TakenBytes => _bodyBytes - _rest.Length;

    /// <summary>After <see cref="TryNext"/> returned false: which argument is missing, and where it should begin.</summary>
    public readonly ProtocolError Missing => new(ProtocolErrorKind.MissingArgument, _taken + 1, TakenBytes);

    /// <summary>Everything that is left: the last argument, zero bytes included.</summary>
    public readonly ReadOnlySpan<byte> Last => _rest;
}
