using Flotilla.Groups.Core.Frames;

namespace Flotilla.Groups.Core.Log;

/// <summary>This member's messages from their submission to their delivery: kept to be submitted again, to whoever sequences then.</summary>
internal sealed class Submissions(NodeContext context)
{
    private const int MaxFrameBytes = 256 << 10;

    private readonly EntryLog _kept = new();
    private readonly FrameBuilder _builder = new();
    private ulong _sentTo;
    private long _sentNs;
    private bool _wasFull;

    /// <summary>The last number given.</summary>
    public ulong LastNumber => _kept.Head;

    /// <summary>The last number that is in this node's log.</summary>
    public ulong SequencedTo { get; private set; }

    public long Bytes => _kept.Bytes;

    public bool HasRoom => _kept.Bytes < context.Options.MaxUnsequencedBytes;

    public bool HasUnsequenced => SequencedTo < _kept.Head;

    public ulong Add(Delivery delivery, ReadOnlySpan<byte> body)
    {
        var header = new EntryHeader(body.Length, 0, _kept.Head + 1, LogEntryKind.Message, delivery, context.Self, _kept.Head + 1);
        _kept.Append(header, body);
        _wasFull |= !HasRoom;
        return _kept.Head;
    }

    /// <summary>A message kept; its header has the delivery and the number.</summary>
    public ReadOnlySpan<byte> Get(ulong number, out EntryHeader header)
    {
        var entry = _kept.Entry(number);
        header = EntryCodec.Header(entry);
        return EntryCodec.Body(entry);
    }

    public void OnSequenced(ulong number) => SequencedTo = Math.Max(SequencedTo, number);

    public void OnDelivered(ulong number)
    {
        OnSequenced(number);
        _kept.PruneTo(number);
    }

    /// <summary>A view begins: what was not sequenced before it must be submitted again.</summary>
    public void OnView(ulong sequencedTo)
    {
        SequencedTo = sequencedTo;
        _sentTo = sequencedTo;
    }

    /// <summary>Another incarnation counts from 1.</summary>
    public void Forget()
    {
        _kept.Reset(0, 0);
        (SequencedTo, _sentTo) = (0, 0);
    }

    /// <summary>True once after room was scarce and is no more.</summary>
    public bool TakeRoom()
    {
        if (!_wasFull || !HasRoom)
            return false;
        _wasFull = false;
        return true;
    }

    /// <summary>Nothing came back for a while: submit again.</summary>
    public void RepeatFrom(ulong number) => _sentTo = Math.Min(_sentTo, Math.Max(number - 1, SequencedTo));

    public void RepeatAfter(long silenceNs)
    {
        if (_sentTo > SequencedTo && context.NowNs - _sentNs >= silenceNs)
            RepeatFrom(SequencedTo + 1);
    }

    /// <summary>Sends what was not sent yet.</summary>
    public void SendTo(NodeId sequencer, ulong epoch)
    {
        _sentTo = Math.Max(_sentTo, SequencedTo);
        while (_sentTo < _kept.Head)
        {
            SubmitFrame.WriteHeader(_builder, epoch, context.Self.Incarnation, _sentTo + 1);
            var count = 0;
            do
            {
                var body = Get(++_sentTo, out var header);
                SubmitFrame.WriteMessage(_builder, header.Delivery, body);
                count++;
            }
            while (_sentTo < _kept.Head && _builder.Length < MaxFrameBytes);
            SubmitFrame.SetCount(_builder, count);
            _sentNs = context.NowNs;
            context.Send(sequencer, FrameType.Submit, _builder.Body);
        }
    }
}
