namespace Flotilla.Groups.Core;

/// <summary>When a write to a dictionary takes effect.</summary>
public enum DictionaryCondition : byte
{
    Always = 0,

    /// <summary>Only if the key is not there.</summary>
    Absent = 1,

    /// <summary>Only if the key has the given version.</summary>
    Version = 2,
}
