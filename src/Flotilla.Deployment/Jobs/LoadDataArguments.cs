namespace Flotilla.Deployment;

/// <summary>Arguments of <c>load_data</c>: a file or a sample.</summary>
public sealed record LoadDataArguments : IJobArguments
{
    internal const int EmployeesUsual = 1000;

    public const int EmployeesMax = 1_000_000;

    public required string Name { get; init; }

    /// <summary>Name of a SQL file in the root's folder <c>inbox</c>.</summary>
    public string? File { get; init; }

    /// <summary><c>employees</c>: the sample that is generated, always the same for the same number.</summary>
    public string? Sample { get; init; }

    /// <summary>Run a file that was run here before once more. Default false: then the job only says what it did.</summary>
    public bool Repeat { get; init; }

    /// <summary>How many employees the sample has. Default 1000; 1 to 1,000,000.</summary>
    public int? Employees { get; init; }

    string IJobArguments.Subject => Name;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsSandbox(Name))
            yield return "name must be letters, digits, '.', '-' and '_', up to 64";
        if ((File is null) == (Sample is null))
            yield return "give file or sample";
        if (File is not null && !BareName.IsFile(File))
            yield return "file must be the bare name of a file in the root's inbox";
        if (Sample is not (null or "employees"))
            yield return "the sample there is is called employees";
        if (Employees is < 1 or > EmployeesMax)
            yield return $"employees must be 1 to {EmployeesMax}";
    }
}
