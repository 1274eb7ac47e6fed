namespace Flotilla.Deployment;

/// <summary>Arguments of <c>read_tarball</c>; the result is the bytes, fewer than asked for at the end of the file.</summary>
public sealed record ReadTarballArguments : IJobArguments
{
    /// <summary>What one job carries at most: little enough for any job server, much enough to be worth a job.</summary>
    public const int LengthMax = 4 << 20;

    public required string File { get; init; }

    public required long Offset { get; init; }

    public required int Length { get; init; }

    string IJobArguments.Subject => $"{File} at {Offset}";

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsFile(File))
            yield return "file must be a bare file name";
        if (Offset < 0)
            yield return "offset must not be negative";
        if (Length is < 1 or > LengthMax)
            yield return $"length must be 1 to {LengthMax}";
    }
}
