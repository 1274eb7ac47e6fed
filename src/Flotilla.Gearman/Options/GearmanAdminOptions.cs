namespace Flotilla.Gearman;

/// <summary>How a <see cref="GearmanAdmin"/> works. It speaks to the first server of the list only.</summary>
public sealed record GearmanAdminOptions : GearmanOptions
{
    /// <summary>The longest line of an answer. Default 4 MiB; at least 4 KiB.</summary>
    public int MaxLineBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Lines of one answer above which it is refused. Default 10 million; at least 1.</summary>
    public int MaxLines { get; init; } = 10_000_000;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (MaxLineBytes < 4096)
            yield return "MaxLineBytes must be at least 4096";
        if (MaxLines < 1)
            yield return "MaxLines must be at least 1";
    }
}
