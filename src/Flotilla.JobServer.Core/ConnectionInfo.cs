namespace Flotilla.JobServer.Core;

/// <summary>What the runtime knows of a connection when it opens; it never changes afterwards.</summary>
/// <param name="Address">The peer as the <c>workers</c> command shows it: an IP address, or <c>unix</c>.</param>
/// <param name="Descriptor">The number that the <c>workers</c> command shows first: the file descriptor where there is one.</param>
/// <param name="Identity">Who the transport says it is: the certificate's common name; null when it says nothing.</param>
/// <param name="IsTrusted">True when it needs no secret: on loopback or a Unix socket, or authenticated by the transport.</param>
public sealed record ConnectionInfo(string Address, int Descriptor, string? Identity = null, bool IsTrusted = true);
