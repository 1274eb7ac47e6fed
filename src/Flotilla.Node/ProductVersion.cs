using System.Reflection;

namespace Flotilla.Node;

/// <summary>This build's version, without the commit that some builds add to it.</summary>
public static class ProductVersion
{
    public static string Text { get; } =
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
