using System.Collections.Immutable;

namespace Flotilla.Groups.Core;

/// <summary>This node's copy of a group's dictionary. Any thread may read it; it is replaced by the node's loop, in the log's order.</summary>
public sealed class DictionaryCopy
{
    private volatile ImmutableSortedDictionary<string, DictionaryItem> _current = Empty;

    internal static ImmutableSortedDictionary<string, DictionaryItem> Empty { get; }
        = ImmutableSortedDictionary.Create<string, DictionaryItem>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, DictionaryItem> Current => _current;

    internal void Replace(ImmutableSortedDictionary<string, DictionaryItem> next) => _current = next;
}
