using Microsoft.Extensions.Logging;

namespace Flotilla.Deployment;

/// <summary>Events 3600 to 3699.</summary>
internal static partial class Log
{
    [LoggerMessage(3600, LogLevel.Information, "Host worker {Host} registered {Functions}")]
    public static partial void Registered(ILogger logger, HostName host, string functions);

    [LoggerMessage(3601, LogLevel.Warning, "Host {Host} lacks {Missing}")]
    public static partial void Lacked(ILogger logger, HostName host, string missing);

    [LoggerMessage(3602, LogLevel.Information, "{Function} on {Host} for {Subject} ended well")]
    public static partial void JobDone(ILogger logger, string function, HostName host, string subject);

    [LoggerMessage(3603, LogLevel.Warning, "{Function} on {Host} failed: {Reason}")]
    public static partial void JobRefused(ILogger logger, string function, HostName host, string reason);

    [LoggerMessage(3604, LogLevel.Error, "{Function} on {Host} threw")]
    public static partial void JobThrew(ILogger logger, Exception exception, string function, HostName host);
}
