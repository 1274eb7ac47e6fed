using System.Net;

namespace Flotilla.Groups.Transport;

/// <summary>What a target's name resolves to; or why not.</summary>
internal sealed record Resolved(DialTarget Target, IPEndPoint[] EndPoints, string? Problem);
