namespace Flotilla.Gearman.Tests.Servers;

/// <summary>The job servers that every conversation is held with.</summary>
public enum ServerKind
{
    /// <summary>Ours, in the test process.</summary>
    Flotilla,

    /// <summary>C gearmand of Debian.</summary>
    Gearmand,

    /// <summary>Perl gearmand of Debian.</summary>
    PerlGearmand,
}
