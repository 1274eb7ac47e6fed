using Microsoft.Extensions.Logging;

namespace Flotilla.Cli;

/// <summary>What commands log that their roles do not: 1900 to 1919.</summary>
internal static partial class Log
{
    [LoggerMessage(1900, LogLevel.Error, "The host's worker can't work: {Why}; the node goes on without it")]
    public static partial void HostWorkerFailed(ILogger logger, string why);
}
