namespace Flotilla.Groups.Core.Layer;

/// <summary>One group of a join: with what its joiner has of it from its disk, as of a position and a lineage; zero for nothing.</summary>
internal readonly record struct JoinItem(string Name, GroupStateKind State, ulong RecoveredTo, ulong Lineage);
