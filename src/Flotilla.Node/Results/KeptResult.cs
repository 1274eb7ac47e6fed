using Flotilla.JobServer.Core;

namespace Flotilla.Node.Results;

/// <summary>How a background job ended.</summary>
/// <param name="Outcome">The event that ended it: completed, failed, buried or cancelled.</param>
/// <param name="Function">Whose job it was.</param>
/// <param name="EndedAt">When.</param>
/// <param name="RanMs">How long its last attempt ran.</param>
/// <param name="Data">The result or the exception; null when it was larger than is kept.</param>
/// <param name="LengthBytes">How long the data was.</param>
public sealed record KeptResult(JobServerEventKind Outcome, string Function, DateTimeOffset EndedAt, long RanMs, byte[]? Data, int LengthBytes);
