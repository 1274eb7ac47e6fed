namespace Flotilla.Groups.Core.Layer;

/// <summary>How a newcomer gets its state.</summary>
internal enum SeatStart : byte
{
    /// <summary>It keeps none.</summary>
    Stateless,

    /// <summary>Nobody ever had one: it begins it.</summary>
    Created,

    /// <summary>It has it from its own disk.</summary>
    Restored,

    /// <summary>From a member that has it, or will.</summary>
    Waits,
}
