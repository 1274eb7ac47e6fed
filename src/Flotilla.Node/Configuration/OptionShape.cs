using System.Reflection;
using Flotilla.JobServer.Core;

namespace Flotilla.Node.Configuration;

/// <summary>One option of a record as the configuration file sees it.</summary>
/// <param name="Property">Where the value goes.</param>
/// <param name="Key">Its key in the file: the property's name in camelCase.</param>
/// <param name="ItemType">The type of the value, or of one item of a list.</param>
/// <param name="IsList">Whether it takes several values.</param>
/// <param name="IsSection">Whether the value, or each item, is a record with options of its own.</param>
internal sealed record OptionShape(PropertyInfo Property, string Key, Type ItemType, bool IsList, bool IsSection)
{
    /// <summary>Whether it counts bytes, so that 64MiB can be written.</summary>
    public bool IsSize => Property.Name.Contains("Bytes", StringComparison.Ordinal) && (ItemType == typeof(int) || ItemType == typeof(long));

    /// <summary>What the server fills in by itself, or what another option says already.</summary>
    private static readonly HashSet<(Type, string)> NotInFiles =
    [
        (typeof(JobMachineOptions), nameof(JobMachineOptions.Version)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.Verbosity)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.ProcessId)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.FirstJobId)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.HashSeed)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.IsDurable)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.JobMemoryBytesMax)),
        (typeof(JobMachineOptions), nameof(JobMachineOptions.OutputBytesMax)),
    ];

    /// <summary>The options of a record that can stand in a file: what is neither text nor a record (a logger, a clock) can't.</summary>
    public static IReadOnlyList<OptionShape> Of(Type record)
    {
        List<OptionShape> shapes = [];
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanWrite || property.GetIndexParameters().Length > 0 || NotInFiles.Contains((record, property.Name)))
                continue;
            var isList = ListItem(property.PropertyType) is not null;
            var type = ListItem(property.PropertyType) ?? property.PropertyType;
            type = Nullable.GetUnderlyingType(type) ?? type;
            var isSection = !ScalarText.IsSupported(type) && IsRecord(type);
            if (isSection || ScalarText.IsSupported(type))
                shapes.Add(new OptionShape(property, ScalarText.Camel(property.Name), type, isList, isSection));
        }

        return shapes;
    }

    public bool IsNullable
        => Nullable.GetUnderlyingType(Property.PropertyType) is not null
            || new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.Nullable;

    private static Type? ListItem(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static bool IsRecord(Type type)
        => type.Namespace?.StartsWith("Flotilla", StringComparison.Ordinal) == true
            && type is { IsInterface: false, IsAbstract: false }
            && type.GetProperties().Any(property => property.CanWrite);
}
