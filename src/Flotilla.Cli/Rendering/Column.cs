namespace Flotilla.Cli.Rendering;

/// <summary>One column of a listing.</summary>
/// <param name="Title">Its heading in tables.</param>
/// <param name="JsonName">Its name in JSON, in camelCase.</param>
/// <param name="Kind">What its values mean.</param>
internal sealed record Column(string Title, string JsonName, CellKind Kind = CellKind.Text)
{
    /// <summary>False: in JSON only.</summary>
    public bool InTable { get; init; } = true;

    /// <summary>False: kept on one line, so that it can be copied.</summary>
    public bool MayWrap => JsonName is not ("handle" or "server");

    public bool IsRightAligned => Kind is CellKind.Count or CellKind.Bytes or CellKind.DurationMs or CellKind.Rate;
}
