namespace Flotilla.Groups.Transport;

/// <summary>What the discovery answered; or why it did not.</summary>
internal sealed record Found(IReadOnlyList<string> Addresses, string? Problem);
