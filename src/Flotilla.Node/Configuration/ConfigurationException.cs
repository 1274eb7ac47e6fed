namespace Flotilla.Node.Configuration;

/// <summary>A configuration that cannot be used; <see cref="Problems"/> are all of them, each with its file and line where it has one.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
