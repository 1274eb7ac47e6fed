namespace Flotilla.Integration.Tests.Peers;

/// <summary>Starts a server of either kind on a free loopback port.</summary>
internal static class Server
{
    /// <summary>Starts one; the arguments are gearmand's command line options.</summary>
    public static async Task<IServerUnderTest> StartAsync(ServerKind kind, IEnumerable<string>? arguments = null) => kind switch
    {
        ServerKind.Gearmand => await GearmandProcess.StartAsync(arguments),
        ServerKind.Flotilla => await FlotillaServer.StartAsync(arguments ?? []),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "gearmand or ours"),
    };
}
