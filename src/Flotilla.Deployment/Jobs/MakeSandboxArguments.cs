using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Arguments of <c>make_sandbox</c>.</summary>
public sealed record MakeSandboxArguments : IJobArguments
{
    private const int OptionsMax = 100;

    /// <summary>The deployment it belongs to: 16 to 40 lower-case letters and digits, random.</summary>
    public required string Deployment { get; init; }

    public required string Name { get; init; }

    /// <summary>Exactly which server: <c>mariadb 10.11.19</c>, <c>mysql 5.6.24</c>.</summary>
    public required string Version { get; init; }

    public required int Port { get; init; }

    public required uint ServerId { get; init; }

    /// <summary>standalone, primary or replica.</summary>
    public required SandboxRole Role { get; init; }

    public required SandboxCredentials Credentials { get; init; }

    /// <summary>Host part of the users that come over the network. Default <c>127.%</c>.</summary>
    public string RemoteAccess { get; init => field = value ?? "127.%"; } = "127.%";

    /// <summary>Replicate by file and position instead of global transaction ids. Default false.</summary>
    public bool UseFilePosition { get; init; }

    public bool SemiSync { get; init; }

    /// <summary>For my.cnf; none that names a file, a plugin or something to be run.</summary>
    public IReadOnlyList<string> Options { get; init => field = value ?? []; } = [];

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsDeployment(Deployment))
            yield return "deployment must be 16 to 40 lower-case letters and digits";
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
        if (!ServerVersion.TryParse(Version, out _) || Version.Length > 40)
            yield return "version must be as 'mariadb 10.11.19'";
        if (Port is < 1 or > 65535)
            yield return "port must be 1 to 65535";
        if (ServerId == 0)
            yield return "serverId must be 1 or more";
        if (Role is not (SandboxRole.Standalone or SandboxRole.Primary or SandboxRole.Replica))
            yield return "role must be standalone, primary or replica";
        if (Options.Count > OptionsMax)
            yield return $"options are {OptionsMax} at most";
        foreach (var option in Options.Where(option => !SafeOption.Allows(option)))
            yield return $"option '{option}' is refused: options from other hosts may name no file, plugin, or anything to be run";
    }

    /// <summary>Without passwords.</summary>
    public override string ToString() => $"{Name} ({Version}, port {Port})";
}
