using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Flotilla.Node.Configuration;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests;

/// <summary>
/// docs/reference/configuration.md is what the option records say: its tables are made from them and from their documentation. After a
/// change of options, run this test with FLOTILLA_WRITE_DOCS=1 and commit what it writes.
/// </summary>
public sealed partial class ConfigurationReferenceTests
{
    private static readonly string Page = Repository.Combine("docs", "reference", "configuration.md");

    [Fact]
    public void TheConfigurationReferenceSaysWhatTheOptionsSay()
    {
        var written = File.ReadAllText(Page);
        var head = written[..written.IndexOf("\n## ", StringComparison.Ordinal)];
        var expected = head + Tables();
        if (Environment.GetEnvironmentVariable("FLOTILLA_WRITE_DOCS") == "1")
            File.WriteAllText(Page, expected);
        else
            Assert.Equal(expected, written);
    }

    private static string Tables()
    {
        var text = new StringBuilder();
        foreach (var shape in OptionShape.Of(typeof(NodeOptions)))
            Section(text, shape.Key, shape, shape.Property.GetValue(new NodeOptions()));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string path, OptionShape section, object? defaults)
    {
        text.Append($"\n## {path}{(section.IsList ? "[]" : "")}\n{Summary(section.Property)}\n\n| key | values | default | meaning |\n|---|---|---|---|\n");
        var start = section.IsList || defaults is null ? TryCreate(section.ItemType) : defaults;
        List<(string Path, OptionShape Shape, object? Value)> inner = [];
        foreach (var shape in OptionShape.Of(section.ItemType))
        {
            var value = start is null ? null : shape.Property.GetValue(start);
            var name = section.IsList ? $"{path}[].{shape.Key}" : $"{path}.{shape.Key}";
            if (shape.IsSection)
                inner.Add((name, shape, shape.IsList ? null : value));
            else
                Row(text, shape, start is null ? "needed" : IsRequired(shape.Property) ? "needed" : ScalarText.Format(value, shape.IsSize));
        }

        foreach (var (name, shape, value) in inner)
            text.Append($"| `{shape.Key}` | section{(shape.IsList ? "s" : "")} | | see below |\n");
        foreach (var (name, shape, value) in inner)
            Section(text, name, shape, value);
    }

    private static void Row(StringBuilder text, OptionShape shape, string value)
    {
        var type = ScalarText.Describe(shape.ItemType, shape.IsSize);
        text.Append($"| `{shape.Key}` | {(shape.IsList ? "list of " : "")}{type} | {(value is "needed" or "none" ? value : $"`{value}`")} | {Summary(shape.Property)} |\n");
    }

    private static bool IsRequired(PropertyInfo property)
        => property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute), inherit: false);

    private static object? TryCreate(Type type)
        => type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance(type) : null;

    /// <summary>The property's summary, or what the record says of the parameter it is made of.</summary>
    private static string Summary(PropertyInfo property)
    {
        var members = Documentation(property.DeclaringType!.Assembly);
        var type = property.DeclaringType!.FullName!;
        var summary = members.FirstOrDefault(one => one.Attribute("name")!.Value == $"P:{type}.{property.Name}")?.Element("summary")
            ?? members.FirstOrDefault(one => one.Attribute("name")!.Value == $"T:{type}")?.Elements("param").FirstOrDefault(one => one.Attribute("name")!.Value == property.Name);
        Assert.True(summary is not null, $"{type}.{property.Name} is not documented");
        var words = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement element when element.Attribute("cref") is { } reference => $"`{ScalarText.Camel(reference.Value.Split('(')[0].Split('.')[^1])}`",
            XElement element => $"`{element.Value}`",
            _ => node.ToString(),
        }));
        return Blanks().Replace(System.Net.WebUtility.HtmlDecode(words), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static IEnumerable<XElement> Documentation(Assembly assembly)
        => XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml")).Descendants("member");

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blanks();
}
