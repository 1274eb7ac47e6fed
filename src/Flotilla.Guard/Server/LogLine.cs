using System.Buffers.Text;

namespace Flotilla.Guard;

/// <summary>A line being written into a span. What finds no room is left out.</summary>
internal ref struct LogLine(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private int _length;

    public readonly ReadOnlySpan<byte> Written => _target[.._length];

    public void Add(ReadOnlySpan<byte> text)
    {
        if (text.TryCopyTo(_target[_length..]))
            _length += text.Length;
    }

    public void Add(ulong number)
    {
        if (Utf8Formatter.TryFormat(number, _target[_length..], out var written))
            _length += written;
    }

    public void Add(DateTime time)
    {
        if (Utf8Formatter.TryFormat(time, _target[_length..], out var written, 'O'))
            _length += written;
    }
}
