namespace Flotilla.Deployment;

/// <summary>How a <see cref="Deployer"/> works.</summary>
public sealed record DeployerOptions
{
    /// <summary>How hosts are reached.</summary>
    public required FleetAccess Access { get; init; }

    /// <summary>Folder of all deployments' folders. Default: <see cref="DefaultFolder"/>.</summary>
    public string Folder { get; init; } = DefaultFolder;

    /// <summary>The command-line client for the scripts: a path or a name. Null: one that is found here, else <c>mariadb</c>.</summary>
    public string? Client { get; init; }

    /// <summary>What $FLOTILLA_DEPLOYMENTS says, else <c>deployments</c> in the home folder.</summary>
    public static string DefaultFolder => Environment.GetEnvironmentVariable("FLOTILLA_DEPLOYMENTS") is { Length: > 0 } given
        ? given : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "deployments");
}
