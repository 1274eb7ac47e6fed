using System.Buffers;
using System.Collections;
using System.Reflection;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// 128 bits over everything an object refers to, field by field: two machines with the same digest behave alike. What a machine can't see of itself is left out:
/// spare room of collections, scratch buffers, where its effects go.
/// </summary>
internal sealed class StateDigest
{
    private static readonly Dictionary<Type, FieldInfo[]> s_fields = [];

    private readonly Dictionary<object, int> _seen = new(ReferenceEqualityComparer.Instance);
    private ulong _high = 0x9E3779B97F4A7C15;
    private ulong _low = 0xD1B54A32D192ED03;

    public UInt128 Value => new(_high, _low);

    public static UInt128 Of(params ReadOnlySpan<object?> roots)
    {
        var digest = new StateDigest();
        foreach (var root in roots)
            digest.Visit(root);
        return digest.Value;
    }

    public void Add(ulong value)
    {
        _high = Mix(_high ^ value);
        _low = Mix((_low + value) * 0x94D049BB133111EB) ^ (_high >> 32);
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            Add(BitConverter.ToUInt64(bytes));
        var last = 0ul;
        foreach (var value in bytes)
            last = (last << 8) | value;
        Add(last);
    }

    public void Visit(object? value)
    {
        switch (value)
        {
            case null:
                Add(1);
                return;
            case string text:
                Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
                return;
            case INodeEffects or NodeOptions or FrameBuilder or ArrayBufferWriter<byte> or ByteQueue or IEqualityComparer or Type:
                return;
        }

        var type = value.GetType();
        if (type.IsPrimitive || type.IsEnum)
        {
            Add(Bits(value));
            return;
        }

        if (!type.IsValueType)
        {
            if (_seen.TryGetValue(value, out var number))
            {
                Add(2);
                Add((ulong)number);
                return;
            }

            _seen.Add(value, _seen.Count);
        }

        switch (value)
        {
            case EntryLog log:
                Visit(log);
                return;
            case byte[] bytes:
                Add(bytes);
                return;
            case Delegate call:
                Add((ulong)call.Method.MetadataToken);
                Visit(call.Target);
                return;
            case IDictionary or IEnumerable when type.Namespace == "System.Collections.Generic" && IsUnordered(type):
                VisitUnordered((IEnumerable)value);
                return;
            case IEnumerable items when type.IsArray || type.Namespace == "System.Collections.Generic":
                VisitInOrder(items);
                return;
            default:
                foreach (var field in FieldsOf(type))
                    Visit(field.GetValue(value));
                return;
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static ulong Bits(object value) => value switch
    {
        bool flag => flag ? 1u : 0u,
        char letter => letter,
        double number => BitConverter.DoubleToUInt64Bits(number),
        ulong number => number,
        IntPtr or UIntPtr => 0,
        _ => unchecked((ulong)((IConvertible)value).ToInt64(null)),
    };

    private static bool IsUnordered(Type type)
        => type.GetGenericTypeDefinition() == typeof(Dictionary<,>) || type.GetGenericTypeDefinition() == typeof(HashSet<>);

    private static FieldInfo[] FieldsOf(Type type)
    {
        if (s_fields.TryGetValue(type, out var known))
            return known;
        var fields = new List<FieldInfo>();
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            fields.AddRange(declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => !typeof(INodeEffects).IsAssignableFrom(field.FieldType)).OrderBy(field => field.MetadataToken));
        }

        return s_fields[type] = [.. fields];
    }

    private void Visit(EntryLog log)
    {
        Add(log.BaseSequence);
        Add(log.BaseEpoch);
        for (var sequence = log.BaseSequence + 1; sequence <= log.Head; sequence++)
            Add(log.Entry(sequence));
    }

    private void VisitInOrder(IEnumerable items)
    {
        var count = 0ul;
        foreach (var item in items)
        {
            Visit(item);
            count++;
        }

        Add(count);
    }

    /// <summary>By the digest of each key alone, so that the order of insertion does not matter.</summary>
    private void VisitUnordered(IEnumerable items)
    {
        var sorted = new List<(UInt128 Key, object Item)>();
        foreach (var item in items)
            sorted.Add((Of(item is not null && item.GetType().GetProperty("Key") is { } key ? key.GetValue(item) : item), item!));
        sorted.Sort((a, b) => a.Key.CompareTo(b.Key));
        foreach (var (_, item) in sorted)
            Visit(item);
        Add((ulong)sorted.Count);
    }
}
