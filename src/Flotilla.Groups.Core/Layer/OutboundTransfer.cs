namespace Flotilla.Groups.Core.Layer;

/// <summary>A state this node gives: its chunks from the first that is not acknowledged.</summary>
internal sealed class OutboundTransfer(MemberId to, ulong id, uint group, ulong cut, ulong correlation)
{
    private readonly List<OutboundChunk> _chunks = [];
    private uint _first;

    public MemberId To { get; } = to;

    public ulong Id { get; } = id;

    public uint Group { get; } = group;

    public ulong Cut { get; } = cut;

    /// <summary>Under which the application hands its pieces in.</summary>
    public ulong Correlation { get; } = correlation;

    public bool IsWhole { get; private set; }

    /// <summary>How many chunks there have been so far.</summary>
    public uint Made => _first + (uint)_chunks.Count;

    public uint Sent { get; set; }

    public uint Taken { get; set; }

    public uint Wanted => _first;

    public long AskedNs { get; set; }

    public long SentNs { get; set; }

    /// <summary>Commands of the application whose piece is ahead of the window: they complete when there is room.</summary>
    public Queue<ulong> Waiting { get; } = new();

    private uint _checksum;

    public void Add(ReadOnlySpan<byte> piece, bool isLast)
    {
        _checksum = Checksum.Continue(_checksum, piece);
        _chunks.Add(new OutboundChunk(piece.ToArray(), isLast, _checksum));
        IsWhole |= isLast;
    }

    public OutboundChunk Chunk(uint index) => _chunks[(int)(index - _first)];

    /// <summary>Everything before is there. False when that can't be.</summary>
    public bool Acknowledge(uint next, uint taken)
    {
        if (next < _first || next > Made)
            return false;
        _chunks.RemoveRange(0, (int)(next - _first));
        _first = next;
        Sent = Math.Max(Sent, next);
        Taken = Math.Max(Taken, taken);
        return true;
    }
}
