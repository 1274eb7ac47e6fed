using System.Buffers;
using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Links;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// 128 bits over everything an object refers to, field by field: two machines with the same digest behave alike. What a machine can't see of itself is left out:
/// spare room of collections, scratch buffers, where its effects go; and how many heartbeats it sent, as none of them arrives.
/// </summary>
internal sealed class StateDigest
{
    private static readonly Dictionary<Type, Action<StateDigest, object>> s_visitors = [];
    private static readonly MethodInfo s_add = typeof(StateDigest).GetMethod(nameof(Add), [typeof(ulong)])!;
    private static readonly MethodInfo s_visit = typeof(StateDigest).GetMethod(nameof(Visit), [typeof(object)])!;

    private readonly Dictionary<object, int> _seen = new(ReferenceEqualityComparer.Instance);
    private ulong _high = 0x9E3779B97F4A7C15;
    private ulong _low = 0xD1B54A32D192ED03;

    public UInt128 Value => new(_high, _low);

    public static UInt128 Of(object? root)
    {
        var digest = new StateDigest();
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
            case INodeEffects or NodeOptions or Heartbeats or FrameBuilder or ArrayBufferWriter<byte> or ByteQueue or IEqualityComparer or Type:
                return;
        }

        var type = value.GetType();
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
            case IDictionary or IEnumerable when IsUnordered(type):
                VisitUnordered((IEnumerable)value);
                return;
            case IEnumerable items when type.IsArray || type.Namespace == "System.Collections.Generic":
                VisitInOrder(items);
                return;
            default:
                VisitFields(type, value);
                return;
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static bool IsUnordered(Type type)
        => type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Dictionary<,>) || type.GetGenericTypeDefinition() == typeof(HashSet<>));

    private void VisitFields(Type type, object value)
    {
        if (!s_visitors.TryGetValue(type, out var visitor))
            s_visitors.Add(type, visitor = Compile(type));
        visitor(this, value);
    }

    /// <summary>Adds the fields of a type, those of the structs in it too; what it refers to is visited.</summary>
    private static Action<StateDigest, object> Compile(Type type)
    {
        var digest = Expression.Parameter(typeof(StateDigest));
        var boxed = Expression.Parameter(typeof(object));
        var value = Expression.Variable(type);
        var body = new List<Expression> { Expression.Assign(value, Expression.Convert(boxed, type)) };
        body.AddRange(Visits(digest, value));
        return Expression.Lambda<Action<StateDigest, object>>(Expression.Block([value], body), digest, boxed).Compile();
    }

    private static IEnumerable<Expression> Visits(Expression digest, Expression value)
    {
        var type = value.Type;
        if (type == typeof(IntPtr) || type == typeof(UIntPtr))
            return [];
        if (type.IsEnum)
            return Visits(digest, Expression.Convert(value, Enum.GetUnderlyingType(type)));
        if (type == typeof(bool))
            return [Expression.Call(digest, s_add, Expression.Condition(value, Expression.Constant(1ul), Expression.Constant(0ul)))];
        if (type.IsPrimitive)
            return [Expression.Call(digest, s_add, Expression.Convert(value, typeof(ulong)))];
        var isRoot = value is ParameterExpression;
        if (!isRoot && (!type.IsValueType || typeof(IEnumerable).IsAssignableFrom(type)))
            return [Expression.Call(digest, s_visit, Expression.Convert(value, typeof(object)))];
        return FieldsOf(type).SelectMany(field => Visits(digest, Expression.Field(value, field)));
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            var fields = declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            foreach (var field in fields.Where(field => !IsLeftOut(field)).OrderBy(field => field.MetadataToken))
                yield return field;
        }
    }

    /// <summary>Tickets: a flush is of all that waits, so their numbers never matter.</summary>
    private static bool IsLeftOut(FieldInfo field)
        => typeof(INodeEffects).IsAssignableFrom(field.FieldType)
            || ((field.DeclaringType == typeof(Persistence) || field.DeclaringType!.DeclaringType == typeof(Persistence)) && (field.Name == "_issued" || field.Name.Contains("ticket", StringComparison.OrdinalIgnoreCase)))
            || (field.DeclaringType == typeof((ulong, Action)) && field.Name == "Item1");

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
        var sorted = new List<(UInt128 Key, object? Value)>();
        if (items is IDictionary pairs)
        {
            foreach (DictionaryEntry pair in pairs)
                sorted.Add((Of(pair.Key), pair.Value));
        }
        else
        {
            foreach (var item in items)
                sorted.Add((Of(item), null));
        }

        sorted.Sort((a, b) => a.Key.CompareTo(b.Key));
        foreach (var (key, value) in sorted)
        {
            Add((ulong)key);
            Add((ulong)(key >> 64));
            Visit(value);
        }

        Add((ulong)sorted.Count);
    }
}
