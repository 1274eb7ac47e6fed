using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman;

/// <summary>Events 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Connected to job server {Server}")]
    public static partial void Connected(ILogger logger, GearmanAddress server);

    [LoggerMessage(3001, LogLevel.Warning, "Job server {Server} was not reached ({Failures} in a row), left alone for {Wait}: {Reason}")]
    public static partial void ConnectFailed(ILogger logger, GearmanAddress server, int failures, TimeSpan wait, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "Connection to job server {Server} ended: {Reason}")]
    public static partial void ConnectionEnded(ILogger logger, GearmanAddress server, string reason);

    [LoggerMessage(3003, LogLevel.Debug, "Job server {Server} refused option {Option}: {Reason}")]
    public static partial void OptionRefused(ILogger logger, GearmanAddress server, string option, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "A job of {Function} was submitted again after its connection to {Server} was lost")]
    public static partial void JobResubmitted(ILogger logger, string function, GearmanAddress server);

    [LoggerMessage(3010, LogLevel.Warning, "Job {Handle} of {Function} was lost: {Reason}")]
    public static partial void JobLost(ILogger logger, string handle, string function, JobLossReason reason);

    [LoggerMessage(3011, LogLevel.Warning, "Handler of {Function} threw in job {Handle}")]
    public static partial void HandlerThrew(ILogger logger, Exception exception, string function, string handle);

    [LoggerMessage(3012, LogLevel.Information, "Draining began with {Running} jobs running")]
    public static partial void DrainBegan(ILogger logger, int running);

    [LoggerMessage(3013, LogLevel.Information, "Draining ended, {Running} jobs still running")]
    public static partial void DrainEnded(ILogger logger, int running);

    [LoggerMessage(3014, LogLevel.Debug, "Job server {Server} answered {Code}: {Text}")]
    public static partial void ServerError(ILogger logger, GearmanAddress server, string code, string text);

    [LoggerMessage(3015, LogLevel.Debug, "Job server {Server} does not know the packet that grabs jobs; trying {Mode}")]
    public static partial void GrabModeLowered(ILogger logger, GearmanAddress server, string mode);

    [LoggerMessage(3017, LogLevel.Warning, "Job server {Server} refused an ability of this worker, {Code}: {Text}")]
    public static partial void AbilityRefused(ILogger logger, GearmanAddress server, string code, string text);

    [LoggerMessage(3016, LogLevel.Error, "The report of a lost job threw")]
    public static partial void LossReportThrew(ILogger logger, Exception exception);
}
