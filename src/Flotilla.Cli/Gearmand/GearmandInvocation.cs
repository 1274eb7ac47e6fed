namespace Flotilla.Cli.Gearmand;

/// <summary>The parsed command line.</summary>
/// <param name="Intent">What to do.</param>
/// <param name="Error">Why not, when refused; without the program's name.</param>
/// <param name="Settings">What to serve with; meaningful for <see cref="GearmandIntent.Serve"/> and <see cref="GearmandIntent.CheckOnly"/>.</param>
internal sealed record GearmandInvocation(GearmandIntent Intent, string? Error, GearmandSettings Settings)
{
    public static GearmandInvocation Refused(string error) => new(GearmandIntent.Refuse, error, new GearmandSettings());
}
