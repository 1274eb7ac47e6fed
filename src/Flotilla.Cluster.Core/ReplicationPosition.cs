namespace Flotilla.Cluster.Core;

/// <summary>Which transactions a server has, in the words of its kind: <see cref="GtidPosition"/> of MariaDB, <see cref="GtidSet"/> of MySQL.</summary>
public abstract class ReplicationPosition
{
    /// <summary>Nothing at all, of whichever kind.</summary>
    public static ReplicationPosition None => GtidPosition.Empty;

    public abstract bool IsEmpty { get; }

    /// <summary>How this stands to the other. Positions of two kinds have nothing in common.</summary>
    public PositionOrder CompareTo(ReplicationPosition other)
        => (IsEmpty, other.IsEmpty) switch
        {
            (true, true) => PositionOrder.Equal,
            (true, false) => PositionOrder.Before,
            (false, true) => PositionOrder.After,
            (false, false) => GetType() == other.GetType() ? CompareSameKind(other) : PositionOrder.Diverged,
        };

    /// <summary>Whether this has everything that the other has.</summary>
    public bool Contains(ReplicationPosition other) => CompareTo(other) is PositionOrder.Equal or PositionOrder.After;

    /// <summary>What both have together; null when they contradict each other.</summary>
    public ReplicationPosition? Join(ReplicationPosition other)
        => IsEmpty ? other : other.IsEmpty ? this : GetType() == other.GetType() ? JoinSameKind(other) : null;

    /// <summary>Reads what either kind of server says. Throws <see cref="FormatException"/>.</summary>
    public static ReplicationPosition Parse(string text) => text.Contains(':') ? GtidSet.Parse(text) : GtidPosition.Parse(text);

    /// <summary>Both are of one kind, and neither is empty.</summary>
    protected abstract PositionOrder CompareSameKind(ReplicationPosition other);

    /// <inheritdoc cref="CompareSameKind"/>
    protected abstract ReplicationPosition? JoinSameKind(ReplicationPosition other);

    private protected static PositionOrder Order(bool isMore, bool isLess)
        => (isMore, isLess) switch
        {
            (true, true) => PositionOrder.Diverged,
            (true, false) => PositionOrder.After,
            (false, true) => PositionOrder.Before,
            (false, false) => PositionOrder.Equal,
        };
}
