using Flotilla.Gearman;

namespace Flotilla.Cli.Commands;

/// <summary>Which job servers a command speaks to, and how it may.</summary>
internal sealed record ServerAccess(
    IReadOnlyList<GearmanAddress> Servers, string? Secret, GearmanTlsOptions? Tls, TimeSpan ConnectTimeout)
{
    /// <summary>One for each server: text commands are not passed on.</summary>
    public IReadOnlyList<GearmanAdmin> CreateAdmins() => [.. Servers.Select(CreateAdmin)];

    public GearmanAdmin CreateAdmin(GearmanAddress server) => new(new GearmanAdminOptions
    {
        Servers = [server],
        Secret = Secret,
        Tls = Tls,
        ConnectTimeout = ConnectTimeout,
    });

    public GearmanClient CreateClient() => new(new GearmanClientOptions
    {
        Servers = Servers,
        Secret = Secret,
        Tls = Tls,
        ConnectTimeout = ConnectTimeout,
        FailoverTimeout = TimeSpan.Zero,
    });
}
