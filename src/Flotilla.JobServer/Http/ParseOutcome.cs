namespace Flotilla.JobServer.Http;

/// <summary>What became of bytes that a parser looked at: taken, not enough of them, or refused.</summary>
/// <param name="UsedBytes">How many bytes were taken; 0 when more are needed or they were refused.</param>
/// <param name="Status">The HTTP status to refuse with; 0 when nothing is wrong.</param>
/// <param name="Why">For the log and the refusal's body; never echoes the peer's bytes.</param>
internal readonly record struct ParseOutcome(int UsedBytes, int Status, string? Why)
{
    public static ParseOutcome NeedsMore => default;

    /// <summary>Nothing is wrong, for checks that take no bytes.</summary>
    public static ParseOutcome Fine => default;

    /// <summary>The <see cref="BodyBudget"/> is used up.</summary>
    public static ParseOutcome BodiesFull => Refused(503, "the server holds as many half-sent requests as its memory allows; try again later");

    public bool IsRefused => Status != 0;

    public static ParseOutcome Taken(int usedBytes) => new(usedBytes, 0, null);

    public static ParseOutcome Refused(int status, string why) => new(0, status, why);
}
