using System.Text.RegularExpressions;

namespace Flotilla.Deployment;

/// <summary>What shall be deployed: a primary and its replicas, one server per host named.</summary>
public sealed partial record ReplicationSpec
{
    public const int HostsMax = 64;

    /// <summary>The first gets the primary. A host may be named more than once and gets as many servers.</summary>
    public required IReadOnlyList<HostName> Hosts { get; init; }

    /// <summary>Name of the deployment and of its folder. Null: <c>replication</c> and the version.</summary>
    public string? Name { get; init; }

    /// <summary>Family and beginning of the version: <c>10.11</c>, <c>mysql 5.6</c>. Null: the newest that all hosts have.</summary>
    public string? Version { get; init; }

    /// <summary>First port to use; servers on one address get the next ones. Null: one that is free everywhere, near the version's usual port.</summary>
    public int? BasePort { get; init; }

    /// <summary>Commits wait until a replica has them.</summary>
    public bool SemiSync { get; init; }

    /// <summary>Replicate by global transaction ids, where servers have them.</summary>
    public bool UseGtid { get; init; } = true;

    /// <summary>Host part of the users. Null: <c>127.%</c> when all hosts are on loopback, else <c>%</c>.</summary>
    public string? RemoteAccess { get; init; }

    /// <summary>For my.cnf of all servers: key=value; none that names a file, a plugin or something to be run.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>A tarball for hosts that lack the version: its file name. Null: one that some host has, if any.</summary>
    public string? Tarball { get; init; }

    /// <summary>The tarball's sha256; needed with <see cref="Tarball"/>.</summary>
    public string? TarballSha256 { get; init; }

    /// <summary>All that is wrong with it at once.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Hosts.Count is < 1 or > HostsMax)
            problems.Add($"name 1 to {HostsMax} hosts, not {Hosts.Count}");
        if (Name is not null && !NameText().IsMatch(Name))
            problems.Add($"'{Name}' is no name for a deployment: letters, digits, '.', '-' and '_', beginning with a letter or digit, up to 48");
        if (BasePort is < 1 or > 65535 - HostsMax)
            problems.Add($"the base port must be 1 to {65535 - HostsMax}");
        if (Tarball is not null && (!BareName.IsFile(Tarball) || !BareName.IsSha256(TarballSha256)))
            problems.Add("a tarball is named by its bare file name, with its sha256 in 64 lower-case hexadecimal digits");
        if (RemoteAccess is not null && !AccessText().IsMatch(RemoteAccess))
            problems.Add($"'{RemoteAccess}' is no host part of a user; give 10.0.% or %");
        foreach (var option in Options.Where(option => !SafeOption.Allows(option)))
            problems.Add($"option '{option}' can't be given from afar: only numbers, sizes and words can, nothing that names a file, a plugin or something to be run");
        return problems;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameText();

    [GeneratedRegex(@"^[A-Za-z0-9.:%_/-]{1,60}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AccessText();
}
