using Microsoft.Extensions.Logging;

namespace Flotilla.Node;

/// <summary>What a node logs besides what its roles log: 2000 and on.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Management listens on {Endpoint}")]
    public static partial void ManagementStarted(ILogger logger, string endpoint);

    [LoggerMessage(2001, LogLevel.Warning, "Job store: {Reason}")]
    public static partial void StoreWarned(ILogger logger, string reason);
}
