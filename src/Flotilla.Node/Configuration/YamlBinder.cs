using System.Collections;
using YamlDotNet.RepresentationModel;

namespace Flotilla.Node.Configuration;

/// <summary>Fills option records from a YAML tree. Collects every problem with its line instead of stopping at the first.</summary>
internal sealed class YamlBinder(string file)
{
    public List<string> Problems { get; } = [];

    /// <summary>A record with the values of the mapping; what the mapping leaves out keeps the record's default.</summary>
    public object BindRecord(YamlNode node, Type type, string path)
    {
        var record = Activator.CreateInstance(type)!;
        if (node is YamlScalarNode { Value: null or "" or "~" or "null" })
            return record;
        if (node is not YamlMappingNode mapping)
        {
            Report(node, $"{Name(path)} must be a mapping of keys to values");
            return record;
        }

        var shapes = OptionShape.Of(type);
        foreach (var (keyNode, value) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (shapes.FirstOrDefault(one => one.Key == key) is { } shape)
                Set(record, shape, value, path.Length == 0 ? key : $"{path}.{key}");
            else
                Report(keyNode, Unknown(key, path, shapes));
        }

        foreach (var shape in shapes)
        {
            if (IsRequired(shape) && shape.Property.GetValue(record) is null)
                Report(node, $"{Name(path)} needs {shape.Key}");
        }

        return record;
    }

    private void Set(object record, OptionShape shape, YamlNode node, string path)
    {
        if (!shape.IsList)
        {
            if (BindOne(node, shape, path) is { } value)
                shape.Property.SetValue(record, value);
            return;
        }

        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(shape.ItemType))!;
        foreach (var item in node is YamlSequenceNode sequence ? sequence.Children : [node])
        {
            if (BindOne(item, shape, path) is { } value)
                items.Add(value);
        }

        shape.Property.SetValue(record, items);
    }

    private object? BindOne(YamlNode node, OptionShape shape, string path)
    {
        if (shape.IsSection)
            return BindRecord(node, shape.ItemType, path);
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

    private static string Unknown(string key, string path, IReadOnlyList<OptionShape> shapes)
    {
        var nearest = NearestKey.Find(key, shapes.Select(one => one.Key));
        return $"unknown key '{key}' in {Name(path)}" + (nearest is null ? "" : $", did you mean '{nearest}'?");
    }

    private static bool IsRequired(OptionShape shape)
        => shape.Property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute), inherit: false);

    private static string Name(string path) => path.Length == 0 ? "the file" : path;

    private void Report(YamlNode node, string problem) => Problems.Add($"{file}:{node.Start.Line}: {problem}");
}
