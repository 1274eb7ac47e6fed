using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer;

/// <summary>Everything the job server logs: 1000 to 1099 the server, 1100 jobs and workers, 1200 the store, 1300 hooks.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Job server {Version} started on {Host} with store {Store}")]
    public static partial void ServerStarted(ILogger logger, string version, string host, string store);

    [LoggerMessage(1001, LogLevel.Information, "Listening for {Protocol} on {Endpoint}")]
    public static partial void ListenerStarted(ILogger logger, string protocol, string endpoint);

    [LoggerMessage(1002, LogLevel.Information, "Draining: no more jobs are handed out, {RunningJobs} running")]
    public static partial void ServerDraining(ILogger logger, int runningJobs);

    [LoggerMessage(1003, LogLevel.Information, "Job server stopped")]
    public static partial void ServerStopped(ILogger logger);

    [LoggerMessage(1004, LogLevel.Warning, "Draining ended with {RunningJobs} jobs still running")]
    public static partial void DrainEnded(ILogger logger, long runningJobs);

    [LoggerMessage(1005, LogLevel.Critical, "Job server failed and serves no more")]
    public static partial void ServerFailed(ILogger logger, Exception failure);

    [LoggerMessage(1010, LogLevel.Debug, "Connection {Connection} opened from {Address}")]
    public static partial void ConnectionOpened(ILogger logger, int connection, string address);

    [LoggerMessage(1011, LogLevel.Debug, "Connection {Connection} from {Address} closed")]
    public static partial void ConnectionClosed(ILogger logger, int connection, string address);

    /// <summary>The one line that a connection gets which the server ends for cause.</summary>
    [LoggerMessage(1012, LogLevel.Warning, "Connection {Connection} from {Address} ended: {Why}")]
    public static partial void ConnectionEnded(ILogger logger, int connection, string address, string why);

    [LoggerMessage(1013, LogLevel.Warning, "Accepting on {Endpoint} failed and is tried again: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, string endpoint, string reason);

    [LoggerMessage(1014, LogLevel.Warning, "TLS handshake with {Address} failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, string address, string reason);

    [LoggerMessage(1015, LogLevel.Information, "Accepting on {Endpoint} again: {Detail}")]
    public static partial void AcceptResumed(ILogger logger, string endpoint, string detail);

    [LoggerMessage(1016, LogLevel.Warning, "All {Limit} connections are taken; more are refused")]
    public static partial void ConnectionsFull(ILogger logger, int limit);

    [LoggerMessage(1100, LogLevel.Debug, "Job {Job} of {Function}: {Kind}")]
    public static partial void JobChanged(ILogger logger, ulong job, string function, string kind);

    [LoggerMessage(1101, LogLevel.Warning, "Job {Job} of {Function} buried: {Detail}")]
    public static partial void JobBuried(ILogger logger, ulong job, string function, string detail);

    [LoggerMessage(1102, LogLevel.Information, "Job {Job} of {Function} timed out after {RanMs} ms")]
    public static partial void JobTimedOut(ILogger logger, ulong job, string function, long ranMs);

    [LoggerMessage(1103, LogLevel.Information, "Worker on connection {Connection} lost with a job of {Function} in hand")]
    public static partial void WorkerLost(ILogger logger, int connection, string function);

    [LoggerMessage(1104, LogLevel.Warning, "Queue of {Function} over its limit, {Refused} jobs refused since this was last said")]
    public static partial void QueueOverLimit(ILogger logger, string function, long refused);

    [LoggerMessage(1105, LogLevel.Warning, "Access denied to connection {Connection}: {Detail}")]
    public static partial void AccessDenied(ILogger logger, int connection, string detail);

    [LoggerMessage(1200, LogLevel.Information, "Store {Store} opened: {Records} records in {ElapsedMs} ms")]
    public static partial void StoreOpened(ILogger logger, string store, long records, long elapsedMs);

    [LoggerMessage(1201, LogLevel.Information, "Store replay: {DoneBytes} of {TotalBytes} bytes")]
    public static partial void StoreReplayed(ILogger logger, long doneBytes, long totalBytes);

    [LoggerMessage(1202, LogLevel.Error, "Store refused {Records} records: {Reason}")]
    public static partial void StoreFailed(ILogger logger, int records, string reason);

    [LoggerMessage(1300, LogLevel.Debug, "Hook {Hook} told of {Kind} on {Function}")]
    public static partial void HookDelivered(ILogger logger, string hook, string kind, string function);

    [LoggerMessage(1301, LogLevel.Information, "Hook {Hook} failed at attempt {Attempt}, tried again in {DelayMs} ms: {Reason}")]
    public static partial void HookRetried(ILogger logger, string hook, int attempt, long delayMs, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "Hook {Hook} gave up on {Kind} after {Attempts} attempts: {Reason}")]
    public static partial void HookGaveUp(ILogger logger, string hook, string kind, int attempts, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "Hook {Hook} is too slow: {Dropped} events dropped so far")]
    public static partial void HookOverrun(ILogger logger, string hook, long dropped);
}
