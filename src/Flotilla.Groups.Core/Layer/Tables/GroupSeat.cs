namespace Flotilla.Groups.Core.Layer;

/// <summary>A member of a group, and whether it has the state (always, for one that keeps none).</summary>
internal sealed class GroupSeat(MemberId id, GroupStateKind state)
{
    public MemberId Id { get; } = id;

    public GroupStateKind State { get; } = state;

    public bool IsReady { get; set; } = state == GroupStateKind.None;

    public bool CanGive => State != GroupStateKind.None && IsReady;
}
