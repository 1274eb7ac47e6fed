namespace Flotilla.Guard;

/// <summary>Numbers of the protocol between a node and a guard; docs/protocols/guard.md has every byte.</summary>
internal static class GuardProtocol
{
    public const byte Version = 1;

    /// <summary>Version, type, two zeros, the number of the request.</summary>
    public const int HeaderBytes = 8;

    /// <summary>The longest packet. Only <see cref="RequestType.Start"/> comes near it, with the arguments of a server.</summary>
    public const int PacketBytesMax = 4096;

    /// <summary>More arguments than anybody adds to those that the guard was given.</summary>
    public const int ArgumentsMax = 64;

    /// <summary>A lease that ends later than this from now is a mistake: the server would go on without its node.</summary>
    public const long LeaseNsMax = 60 * NsPerSecond;

    /// <summary>The longest time from a stop to the kill.</summary>
    public const uint GraceMsMax = 3_600_000;

    public const long NsPerSecond = 1_000_000_000;
    public const long NsPerMs = 1_000_000;
}
