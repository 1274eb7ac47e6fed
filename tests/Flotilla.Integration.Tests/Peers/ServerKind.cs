namespace Flotilla.Integration.Tests.Peers;

/// <summary>Which job server a test runs against.</summary>
public enum ServerKind
{
    Gearmand,
    Flotilla,
}
