using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.TestSupport.Fuzz;

/// <summary>Changes inputs that parse into inputs that nearly parse. Allocates nothing per input.</summary>
public sealed class Mutator(SeededRandom random, IReadOnlyList<byte[]> seeds, int maxInputBytes)
{
    private static readonly uint[] TellingNumbers =
        [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff3, 0xffffffff];

    private static readonly byte[] TellingBytes = "\0\u0001\t\n\r \"%+,-./09:;=@AZ\\az\u007f"u8.ToArray();

    private readonly byte[] _input = new byte[maxInputBytes];
    private int _length;

    /// <summary>A fresh input; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        Take(seeds[random.Next(seeds.Count)]);
        if (random.OneIn(4))
            Splice();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
            Change();
        return _input.AsSpan(0, _length);
    }

    private void Take(ReadOnlySpan<byte> seed)
    {
        _length = Math.Min(seed.Length, maxInputBytes);
        seed[.._length].CopyTo(_input);
    }

    private void Change()
    {
        switch (random.Next(9))
        {
            case 0: FlipBit(); break;
            case 1: SetByte((byte)random.Next(256)); break;
            case 2: SetByte(TellingBytes[random.Next(TellingBytes.Length)]); break;
            case 3: Insert(); break;
            case 4: Delete(); break;
            case 5: Repeat(); break;
            case 6: SetNumber(); break;
            case 7: Truncate(); break;
            default: Append(); break;
        }
    }

    private void FlipBit()
    {
        if (_length > 0)
            _input[random.Next(_length)] ^= (byte)(1 << random.Next(8));
    }

    private void SetByte(byte value)
    {
        if (_length > 0)
            _input[random.Next(_length)] = value;
    }

    private void Insert()
    {
        var at = random.Next(_length + 1);
        var count = MakeRoom(at, random.OneIn(10) ? random.Next(1, 300) : random.Next(1, 6));
        if (random.OneIn(2))
            random.Fill(_input.AsSpan(at, count));
        else
            _input.AsSpan(at, count).Fill(TellingBytes[random.Next(TellingBytes.Length)]);
    }

    private void Delete()
    {
        if (_length == 0)
            return;
        var at = random.Next(_length);
        var count = Math.Min(_length - at, random.OneIn(10) ? random.Next(1, 300) : random.Next(1, 6));
        _input.AsSpan(at + count, _length - at - count).CopyTo(_input.AsSpan(at));
        _length -= count;
    }

    private void Repeat()
    {
        if (_length == 0)
            return;
        var at = random.Next(_length);
        var count = Math.Min(_length - at, random.Next(1, 64));
        count = MakeRoom(at + count, count);
        _input.AsSpan(at, count).CopyTo(_input.AsSpan(at + count));
    }

    /// <summary>Length fields: a telling number, or one next to what is there, in either byte order and three widths.</summary>
    private void SetNumber()
    {
        if (_length < 4)
            return;
        var at = _input.AsSpan(random.Next(_length - 3), 4);
        var number = TellingNumbers[random.Next(TellingNumbers.Length)];
        switch (random.Next(5))
        {
            case 0: BinaryPrimitives.WriteUInt32BigEndian(at, number); break;
            case 1: BinaryPrimitives.WriteUInt32LittleEndian(at, number); break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)number); break;
            case 3: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)number); break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(at, BinaryPrimitives.ReadUInt32BigEndian(at) + (uint)random.Next(-3, 4));
                break;
        }
    }

    private void Truncate() => _length = random.Next(_length + 1);

    private void Append()
    {
        var other = seeds[random.Next(seeds.Count)];
        var count = Math.Min(other.Length, maxInputBytes - _length);
        other.AsSpan(0, count).CopyTo(_input.AsSpan(_length));
        _length += count;
    }

    private void Splice()
    {
        var other = seeds[random.Next(seeds.Count)];
        var from = random.Next(other.Length + 1);
        _length = random.Next(_length + 1);
        var count = Math.Min(other.Length - from, maxInputBytes - _length);
        other.AsSpan(from, count).CopyTo(_input.AsSpan(_length));
        _length += count;
    }

    private int MakeRoom(int at, int count)
    {
        count = Math.Min(count, maxInputBytes - _length);
        _input.AsSpan(at, _length - at).CopyTo(_input.AsSpan(at + count));
        _length += count;
        return count;
    }
}
