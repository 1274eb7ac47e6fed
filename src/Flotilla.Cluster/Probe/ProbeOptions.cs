using Flotilla.MySql;

namespace Flotilla.Cluster.Probe;

/// <summary>Which servers a <see cref="ClusterProbe"/> writes to, and how.</summary>
public sealed record ProbeOptions
{
    private const int WritersMax = 100;
    private const double RateMax = 1000;
    private const int NameMax = 64;

    /// <summary>Every server that may ever be the one to write to, with an account that may not write to read-only servers. Timeouts of these are not used.</summary>
    public required IReadOnlyList<MySqlOptions> Servers { get; init; }

    /// <summary>Schema and table, made when they are not there; a table that is there is used on. Default flotilla_probe.writes.</summary>
    public string Table { get; init; } = "flotilla_probe.writes";

    /// <summary>Writes per second of each writer. Default 100; above 0, at most 1000.</summary>
    public double Rate { get; init; } = 100;

    /// <summary>Clients that write, each over a connection of its own. Default 1, at most 100.</summary>
    public int Writers { get; init; } = 1;

    /// <summary>How long a connection or an answer may take before it is given up: what a client with a read timeout does. Default 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two acknowledgements that is an outage also when no write failed meanwhile. Default 200 ms.</summary>
    public TimeSpan OutageMin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long to look for a server that takes writes, at the beginning and to read back. Default 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal string QuotedSchema => $"`{Table[..Table.IndexOf('.')]}`";

    internal string QuotedTable => $"{QuotedSchema}.`{Table[(Table.IndexOf('.') + 1)..]}`";

    /// <summary>What is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Servers.Count == 0)
            problems.Add("there are no servers");
        if (Servers.Select(server => server.Server).Distinct(StringComparer.Ordinal).Count() < Servers.Count)
            problems.Add("a server is named twice");
        problems.AddRange(Servers.SelectMany(server => server.Problems().Select(problem => $"{server.Server}: {problem}")));
        if (Table.Split('.') is not [var schema, var table] || !IsName(schema) || !IsName(table))
            problems.Add($"'{Table}' is no table: SCHEMA.TABLE of letters, digits, $ and _");
        if (Rate is not (> 0 and <= RateMax))
            problems.Add($"Rate is {Rate}, but must be above 0 and at most {RateMax}");
        if (Writers is < 1 or > WritersMax)
            problems.Add($"Writers is {Writers}, but must be 1 to {WritersMax}");
        foreach (var (value, name) in new[] { (Timeout, nameof(Timeout)), (OutageMin, nameof(OutageMin)), (Patience, nameof(Patience)) })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
                problems.Add($"{name} is {value}, but must be above zero and at most a day");
        }

        return problems;
    }

    /// <summary>Throws <see cref="ProbeException"/> naming all problems.</summary>
    public void Validate()
    {
        var problems = Problems();
        if (problems.Count > 0)
            throw new ProbeException(string.Join("; ", problems));
    }

    /// <summary>So plain that it needs no care in quotes.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= NameMax && name.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '$');
}
