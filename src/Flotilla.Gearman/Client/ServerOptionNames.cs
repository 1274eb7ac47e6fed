namespace Flotilla.Gearman.Client;

/// <summary>The options that each new connection of a client asks for.</summary>
internal sealed class ServerOptionNames(IEnumerable<string> names)
{
    private volatile string[] _names = [.. names];

    public string[] Current => _names;

    public void Add(string name)
    {
        if (!_names.Contains(name, StringComparer.OrdinalIgnoreCase))
            _names = [.. _names, name];
    }
}
