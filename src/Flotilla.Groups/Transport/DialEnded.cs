namespace Flotilla.Groups.Transport;

/// <summary>An attempt that was made elsewhere failed.</summary>
internal sealed record DialEnded(DialTarget Target, string Why, bool IsRefused);
