using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Flotilla.JobServer.Core;

/// <summary>SipHash-1-3 under a key of this machine: peers choose unique keys and function names, and must not choose collisions.</summary>
internal readonly struct KeyedHash(ulong seed)
{
    private readonly ulong _k0 = Mix(seed + 0x9E3779B97F4A7C15);
    private readonly ulong _k1 = Mix(seed + 0x3C6EF372FE94F82A);

    /// <summary>Hash of a number; for keys that peers cannot choose.</summary>
    public static uint OfId(ulong id) => (uint)(Mix(id) >> 32);

    /// <summary>Hash of bytes that a peer chose.</summary>
    /// <param name="scope">Told apart even when the bytes are the same: a function's index.</param>
    /// <param name="bytes">The bytes.</param>
    public uint Of(uint scope, ReadOnlySpan<byte> bytes)
    {
        var v0 = _k0 ^ 0x736F6D6570736575;
        var v1 = _k1 ^ 0x646F72616E646F6D ^ scope;
        var v2 = _k0 ^ 0x6C7967656E657261;
        var v3 = _k1 ^ 0x7465646279746573;
        var last = (ulong)bytes.Length << 56;
        while (bytes.Length >= 8)
        {
            Compress(BinaryPrimitives.ReadUInt64LittleEndian(bytes), ref v0, ref v1, ref v2, ref v3);
            bytes = bytes[8..];
        }

        for (var i = 0; i < bytes.Length; i++)
            last |= (ulong)bytes[i] << (8 * i);
        Compress(last, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        var all = v0 ^ v1 ^ v2 ^ v3;
        return (uint)(all ^ (all >> 32));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compress(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
