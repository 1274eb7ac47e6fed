namespace Flotilla.Gearman;

/// <summary>A job server's bytes are not Gearman's. The connection they came on has been closed.</summary>
public sealed class GearmanProtocolException(string message) : GearmanException(message);
