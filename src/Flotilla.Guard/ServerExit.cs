namespace Flotilla.Guard;

/// <summary>How a server's process ended.</summary>
public enum ServerExit : byte
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>With an exit code.</summary>
    Code = 1,

    /// <summary>By a signal.</summary>
    Signal = 2,

    /// <summary>It was not the guard's child: only its parent is told.</summary>
    Unknown = 3,
}
