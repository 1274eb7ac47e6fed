namespace Flotilla.Cluster.Core;

/// <summary>A node's name, unique in its cluster; the rules are those of <see cref="ServerName"/>. It stays when the node's process or its identity in the group changes.</summary>
public readonly record struct NodeName : IComparable<NodeName>
{
    private readonly string? _text;

    public NodeName(string text)
    {
        if (!ServerName.IsValid(text))
            throw new FormatException($"'{text}' is no name of a node: 1 to {ServerName.LengthMax} of a-z, 0-9, '-', '.' and '_' are");
        _text = text;
    }

    /// <summary>A host's name as a node's: in lower case, other letters as '-'.</summary>
    public static NodeName OfHost(string host)
    {
        var text = string.Concat(host.ToLowerInvariant().Select(letter => ServerName.IsValid(letter.ToString()) ? letter : '-'));
        return new NodeName(text.Length == 0 ? "node" : text[..Math.Min(text.Length, ServerName.LengthMax)]);
    }

    public int CompareTo(NodeName other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => _text ?? "";

    public static bool operator <(NodeName left, NodeName right) => left.CompareTo(right) < 0;

    public static bool operator <=(NodeName left, NodeName right) => left.CompareTo(right) <= 0;

    public static bool operator >(NodeName left, NodeName right) => left.CompareTo(right) > 0;

    public static bool operator >=(NodeName left, NodeName right) => left.CompareTo(right) >= 0;
}
