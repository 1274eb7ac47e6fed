namespace Flotilla.Guard;

/// <summary>The role that a server was started in. A guard only remembers it; what it means is in the arguments that come with it.</summary>
public enum GuardRole : byte
{
    None = 0,
    Primary = 1,
    Replica = 2,
}
