namespace Flotilla.Cluster.Servers;

/// <summary>A setting that was wrong.</summary>
/// <param name="Setting">What it must be, and why.</param>
/// <param name="Actual">What it was; null when the server does not know it.</param>
/// <param name="IsMended">It was changed, until the server restarts; otherwise the server must be started with it.</param>
public sealed record SettingFinding(RequiredSetting Setting, string? Actual, bool IsMended)
{
    public override string ToString() => $"{Setting.Name} is {Actual ?? "unknown"} and must be {(Setting.Value.Length > 0 ? Setting.Value : "empty")}: otherwise {Setting.Why}{(IsMended ? " (changed until the next start)" : "")}";
}
