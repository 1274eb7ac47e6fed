using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>One group, as one application knows it.</summary>
internal sealed class SimGroup(string name, GroupStateKind kind)
{
    public string Name { get; } = name;

    public GroupStateKind Kind { get; } = kind;

    /// <summary>Whether the application wants to be in it.</summary>
    public bool IsWanted { get; set; }

    /// <summary>0 while unknown.</summary>
    public uint Number { get; set; }

    public bool HasState { get; set; }

    public bool IsLeaving { get; set; }

    public ulong Hash { get; set; }

    public ulong Count { get; set; }

    public ulong Sequence { get; set; }

    public GroupView? View { get; set; }

    public List<byte> Loading { get; } = [];

    public DictionaryCopy? Dictionary { get; set; }

    public void Forget()
    {
        (HasState, Hash, Count, Sequence, View, IsLeaving) = (false, 0, 0, 0, null, false);
        Loading.Clear();
    }
}
