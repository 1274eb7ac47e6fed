using System.Net;

namespace Flotilla.Node.Management;

/// <summary>Management over HTTP: page, REST interface, <c>/metrics</c>, <c>/health</c>. Immutable.</summary>
public sealed record ManagementOptions
{
    /// <summary>Where it listens; default 127.0.0.1:4780, none for nowhere. Port 0 takes a free one.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Loopback, 4780)];

    /// <summary>
    /// What requests must carry as <c>Authorization: Bearer</c>, all but <c>/health</c> and the empty page; at least 16 characters, default
    /// none. Whoever has it may do everything. Prefer <see cref="SecretFile"/>: a file can be read by one user only.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>A file whose first line is the secret.</summary>
    public string? SecretFile { get; init; }

    /// <summary>
    /// With a secret: shows state and figures, but no jobs, to who asks from this machine without it, default false. What changes anything
    /// needs the secret always. Not where a proxy on this machine lets others in.
    /// </summary>
    public bool ReadWithoutSecret { get; init; }

    /// <summary>Listens beyond loopback without a secret, default false: everyone who reaches the port may then do everything.</summary>
    public bool AllowOpen { get; init; }

    /// <summary>A request's body, which is a job's workload, in bytes; default 16 MiB, at most 1000 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Secret is not null && SecretFile is not null)
            problems.Add($"{nameof(Secret)} and {nameof(SecretFile)} exclude each other");
        if (Secret is { Length: < 16 })
            problems.Add($"{nameof(Secret)} must have at least 16 characters");
        if (!AllowOpen && Secret is null && SecretFile is null && Listen.Any(one => !IPAddress.IsLoopback(one.Address)))
            problems.Add($"listening beyond loopback needs {nameof(Secret)}, {nameof(SecretFile)} or {nameof(AllowOpen)}");
        if (MaxBodyBytes is < 0 or > 1000 * 1024 * 1024)
            problems.Add($"{nameof(MaxBodyBytes)} must be 0 to 1000 MiB, is {MaxBodyBytes}");
        return problems;
    }

    /// <summary>The secret itself, read from its file if it is in one.</summary>
    internal string? ReadSecret()
    {
        if (SecretFile is null)
            return Secret;
        var secret = File.ReadLines(SecretFile).FirstOrDefault("").Trim();
        return secret.Length >= 16 ? secret : throw new IOException($"{SecretFile} begins with no secret of at least 16 characters");
    }
}
