namespace Flotilla.Integration.Tests.Peers;

/// <summary>Starts a server of either kind on a free loopback port.</summary>
internal static class Server
{
    public static IReadOnlyList<ServerKind> Kinds { get; } = [ServerKind.Gearmand];

    /// <summary>Starts one.</summary>
    /// <param name="kind">Which server.</param>
    /// <param name="arguments">gearmand's command line options.</param>
    public static async Task<IServerUnderTest> StartAsync(ServerKind kind, IEnumerable<string>? arguments = null) => kind switch
    {
        _ => await GearmandProcess.StartAsync(arguments),
    };
}
