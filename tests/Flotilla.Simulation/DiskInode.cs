using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>A file's bytes as the running machine sees them, as the disk has them, and what lies between.</summary>
internal sealed class DiskInode
{
    private readonly List<Change> _pending = [];
    private Content _seen;
    private Content _durable;

    /// <summary>As seen by the running machine.</summary>
    public long LengthBytes => _seen.Length;

    public int Read(long offset, Span<byte> target) => _seen.Read(offset, target);

    public void Write(long offset, ReadOnlySpan<byte> bytes, bool isCertain = false)
        => Apply(new Change { Offset = offset, Bytes = bytes.ToArray(), IsCertain = isCertain });

    public void SetLength(long length) => Apply(new Change { Offset = length });

    /// <summary>Everything reaches the disk.</summary>
    public void Flush()
    {
        foreach (var change in _pending)
            _durable.Apply(change);
        _pending.Clear();
    }

    /// <summary>Anything may have reached the disk, and the machine forgets what did not: it goes on seeing what is not there.</summary>
    public void FailFlush(SeededRandom random) => Settle(CrashPolicy.Random, random);

    /// <summary>The power is gone: the machine will see what the disk has.</summary>
    public void Crash(CrashPolicy policy, SeededRandom random)
    {
        Settle(policy, random);
        _seen = _durable.Copy();
    }

    /// <summary>A bit changes on the disk by itself.</summary>
    public void FlipBit(long offset, int bit)
    {
        _seen.FlipBit(offset, bit);
        _durable.FlipBit(offset, bit);
    }

    private void Apply(Change change)
    {
        _seen.Apply(change);
        _pending.Add(change);
    }

    private void Settle(CrashPolicy policy, SeededRandom random)
    {
        if (policy == CrashPolicy.Random && random.OneIn(2))
            Shuffle(random);
        foreach (var change in _pending)
        {
            if (change.IsCertain || policy == CrashPolicy.KeepAll)
                _durable.Apply(change);
            else if (policy == CrashPolicy.Random)
                SettleByChance(change, random);
        }

        _pending.Clear();
    }

    private void SettleByChance(in Change change, SeededRandom random)
    {
        switch (random.Next(3))
        {
            case 0:
                _durable.Apply(change);
                break;
            case 1 when change.Bytes is { Length: > 0 } bytes:
                var from = random.OneIn(2) ? 0 : random.Next(bytes.Length);
                var to = from + random.Next(bytes.Length - from) + 1;
                _durable.Apply(new Change { Offset = change.Offset + from, Bytes = bytes[from..to] });
                break;
        }
    }

    private void Shuffle(SeededRandom random)
    {
        for (var i = _pending.Count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (_pending[i], _pending[j]) = (_pending[j], _pending[i]);
        }
    }

    /// <summary>Bytes written at an offset, or, without bytes, a new length.</summary>
    private readonly struct Change
    {
        public long Offset { get; init; }

        public byte[]? Bytes { get; init; }

        public bool IsCertain { get; init; }
    }

    private struct Content
    {
        private byte[]? _bytes;

        public int Length { get; private set; }

        public readonly int Read(long offset, Span<byte> target)
        {
            var count = (int)Math.Clamp(Length - offset, 0, target.Length);
            _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(target);
            return count;
        }

        public void Apply(in Change change)
        {
            if (change.Bytes is null)
            {
                Resize((int)change.Offset);
                return;
            }

            if (change.Offset + change.Bytes.Length > Length)
                Resize((int)change.Offset + change.Bytes.Length);
            change.Bytes.CopyTo(_bytes.AsSpan((int)change.Offset));
        }

        public readonly Content Copy() => new() { _bytes = _bytes.AsSpan(0, Length).ToArray(), Length = Length };

        public readonly void FlipBit(long offset, int bit)
        {
            if (offset < Length)
                _bytes![offset] ^= (byte)(1 << bit);
        }

        private void Resize(int length)
        {
            if (length > (_bytes?.Length ?? 0))
                Array.Resize(ref _bytes, Math.Max(length, 2 * (_bytes?.Length ?? 0)));
            if (length < Length)
                _bytes.AsSpan(length, Length - length).Clear();
            Length = length;
        }
    }
}
