using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// What an application wants of its node, on its way to the node's thread. Bodies are copied into one buffer that is used again and again, so a send
/// allocates nothing. <see cref="Add"/> from any thread, <see cref="Take"/> on the node's.
/// </summary>
internal sealed class CommandQueue
{
    /// <summary>What may wait: a node's thread takes everything at once, so more than this means that it hangs.</summary>
    private const int LimitBytes = 256 << 20;

    /// <summary>Larger buffers are not kept.</summary>
    private const int KeptBytes = 4 << 20;

    private readonly Lock _lock = new();
    private Batch _filling = new();
    private Batch _taken = new();

    /// <summary>Takes a command or a message. False when too much waits. <paramref name="isFirst"/>: the node's thread has to be woken.</summary>
    public bool Add(uint group, Delivery delivery, ulong token, GroupCommand? command, ReadOnlySpan<byte> body, out bool isFirst)
    {
        lock (_lock)
        {
            isFirst = _filling.Items.Count == 0;
            if (_filling.Length > LimitBytes - body.Length)
                return false;
            var offset = _filling.Append(body);
            _filling.Items.Add(new QueuedCommand(group, delivery, token, command, offset, body.Length));
            return true;
        }
    }

    /// <summary>Everything that waits; valid until the next call.</summary>
    public Batch Take()
    {
        _taken.Clear(KeptBytes);
        lock (_lock)
            (_filling, _taken) = (_taken, _filling);
        return _taken;
    }

    internal sealed class Batch
    {
        private byte[] _bytes = new byte[4096];

        public List<QueuedCommand> Items { get; } = [];

        public int Length { get; private set; }

        public ReadOnlySpan<byte> BodyOf(in QueuedCommand item) => _bytes.AsSpan(item.Offset, item.Length);

        public int Append(ReadOnlySpan<byte> body)
        {
            if (_bytes.Length - Length < body.Length)
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + body.Length));
            body.CopyTo(_bytes.AsSpan(Length));
            var offset = Length;
            Length += body.Length;
            return offset;
        }

        public void Clear(int keptBytes)
        {
            Items.Clear();
            Length = 0;
            if (_bytes.Length > keptBytes)
                _bytes = new byte[4096];
        }
    }
}
