namespace Flotilla.Deployment;

/// <summary>What <c>load_data</c> did.</summary>
public sealed record LoadedData
{
    public required long Statements { get; init; }

    public required long Rows { get; init; }
}
