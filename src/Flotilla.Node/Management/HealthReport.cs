namespace Flotilla.Node.Management;

/// <summary>What <c>/health</c> says: each part is <c>ok</c> or what is wrong with it.</summary>
public sealed record HealthReport(string Store, string Loop, string Listeners, TimeSpan Uptime)
{
    public const string Ok = "ok";

    public bool IsHealthy => Store == Ok && Loop == Ok && Listeners == Ok;
}
