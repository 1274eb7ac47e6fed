namespace Flotilla.Node.Management;

/// <summary>A request that makes no sense; the message is for the caller.</summary>
internal sealed class BadRequestException(string message) : Exception(message);
