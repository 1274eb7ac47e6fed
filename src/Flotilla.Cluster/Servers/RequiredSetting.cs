namespace Flotilla.Cluster.Servers;

/// <summary>A setting that the guarantees need.</summary>
/// <param name="Name">The variable, and the option of the server's command line.</param>
/// <param name="Value">What it must be.</param>
/// <param name="Why">What goes wrong otherwise.</param>
/// <param name="IsDynamic">Whether it can be changed while the server runs.</param>
public sealed record RequiredSetting(string Name, string Value, string Why, bool IsDynamic)
{
    /// <summary>As the command line takes it.</summary>
    public string Argument => $"--{Name.Replace('_', '-')}={Value}";

    /// <summary>Whether a server's answer is what is wanted: ON is 1.</summary>
    public bool IsMetBy(string? actual) => string.Equals(Number(actual ?? ""), Number(Value), StringComparison.OrdinalIgnoreCase);

    private static string Number(string value) => value.ToUpperInvariant() switch
    {
        "ON" or "YES" => "1",
        "OFF" or "NO" or "" => "0",
        var other => other,
    };
}
