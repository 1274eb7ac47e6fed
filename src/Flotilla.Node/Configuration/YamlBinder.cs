using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using YamlDotNet.RepresentationModel;

namespace Flotilla.Node.Configuration;

/// <summary>Fills option records from a YAML tree. Collects every problem with its line instead of stopping at the first.</summary>
internal sealed class YamlBinder(string file)
{
    public List<string> Problems { get; } = [];

    /// <summary>
    /// A record with the values of the mapping; what the mapping leaves out stays as in <paramref name="start"/>, or as the record has it.
    /// </summary>
    public object? BindRecord(YamlNode node, Type type, object? start, string path)
    {
        var mapping = node as YamlMappingNode ?? new YamlMappingNode();
        if (node is not YamlMappingNode && !IsNothing(node))
            Report(node, $"{Name(path)} must be a mapping of keys to values");
        var values = ReadValues(mapping, type, start, path);
        foreach (var shape in OptionShape.Of(type).Where(shape => start is null && IsRequired(shape, type) && !values.ContainsKey(shape)))
            Report(node, $"{Name(path)} needs {shape.Key}");
        if (Problems.Count > 0)
            return null;
        var record = start is null ? Create(type, values) : Clone(start);
        foreach (var (shape, value) in values)
            shape.Property.SetValue(record, value);
        return record;
    }

    private Dictionary<OptionShape, object?> ReadValues(YamlMappingNode mapping, Type type, object? start, string path)
    {
        var shapes = OptionShape.Of(type);
        Dictionary<OptionShape, object?> values = [];
        foreach (var (keyNode, node) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (shapes.FirstOrDefault(one => one.Key == key) is not { } shape)
            {
                Report(keyNode, Unknown(key, path, shapes));
                continue;
            }

            var before = start is null ? Default(type, shape) : shape.Property.GetValue(start);
            values[shape] = ReadValue(node, shape, before, path.Length == 0 ? key : $"{path}.{key}");
        }

        return values;
    }

    private object? ReadValue(YamlNode node, OptionShape shape, object? start, string path)
    {
        if (!shape.IsList)
            return ReadOne(node, shape, start, path);
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(shape.ItemType))!;
        foreach (var item in node is YamlSequenceNode sequence ? sequence.Children : IsNothing(node) ? [] : [node])
        {
            if (ReadOne(item, shape, null, path) is { } value)
                items.Add(value);
        }

        return items;
    }

    private object? ReadOne(YamlNode node, OptionShape shape, object? start, string path)
    {
        if (shape.IsNullable && IsNothing(node))
            return null;
        if (shape.IsSection)
            return BindRecord(node, shape.ItemType, start, path);
        if (node is not YamlScalarNode { Value: { } text })
        {
            Report(node, $"{path} must be one value");
            return null;
        }

        try
        {
            return ScalarText.Parse(text, shape.ItemType, shape.IsSize);
        }
        catch (FormatException wrong)
        {
            Report(node, $"{path} {wrong.Message}");
            return null;
        }
    }

    /// <summary>Nothing at all, or <c>none</c>: what a person writes to switch something off.</summary>
    private static bool IsNothing(YamlNode node) => node is YamlScalarNode { Value: null or "" or "~" or "null" or "none" };

    /// <summary>By the constructor without arguments, or by the one whose arguments are the options.</summary>
    private static object Create(Type type, Dictionary<OptionShape, object?> values)
    {
        if (IsEmptyConstructible(type))
            return Activator.CreateInstance(type)!;
        var constructor = MainConstructor(type);
        return constructor.Invoke([.. constructor.GetParameters().Select(ValueOf)]);

        object? ValueOf(ParameterInfo parameter)
            => values.FirstOrDefault(one => one.Key.Property.Name == parameter.Name).Value
                ?? (parameter.HasDefaultValue ? parameter.DefaultValue : null);
    }

    private static object Clone(object record)
        => record.GetType().GetMethod("<Clone>$")?.Invoke(record, null) ?? RuntimeHelpers.GetObjectValue(record);

    private static object? Default(Type type, OptionShape shape)
        => IsEmptyConstructible(type) ? shape.Property.GetValue(Activator.CreateInstance(type)) : null;

    private static bool IsRequired(OptionShape shape, Type type)
        => shape.Property.IsDefined(typeof(RequiredMemberAttribute), inherit: false)
            || (!IsEmptyConstructible(type)
                && MainConstructor(type).GetParameters().Any(one => one.Name == shape.Property.Name && !one.HasDefaultValue));

    private static bool IsEmptyConstructible(Type type) => type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null;

    private static ConstructorInfo MainConstructor(Type type) => type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;

    private static string Unknown(string key, string path, IReadOnlyList<OptionShape> shapes)
    {
        var nearest = NearestKey.Find(key, shapes.Select(one => one.Key));
        return $"unknown key '{key}' in {Name(path)}" + (nearest is null ? "" : $", did you mean '{nearest}'?");
    }

    private static string Name(string path) => path.Length == 0 ? "the file" : path;

    private void Report(YamlNode node, string problem) => Problems.Add($"{file}:{node.Start.Line}: {problem}");
}
