using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster;

/// <summary>Everything that a cluster's node logs: 5000 to 5019 the node, 5020 its servers.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Information, "Cluster node {Name} started, listening on {Address}, with {Servers} servers")]
    public static partial void NodeStarted(ILogger logger, string name, string address, int servers);

    [LoggerMessage(5001, LogLevel.Information, "Cluster node {Name} stopped")]
    public static partial void NodeStopped(ILogger logger, string name);

    [LoggerMessage(5002, LogLevel.Critical, "Cluster node {Name} failed and acts no more")]
    public static partial void NodeFailed(ILogger logger, string name, Exception failure);

    [LoggerMessage(5003, LogLevel.Information, "Decision {Number} in epoch {Epoch}: {What}: {Why}")]
    public static partial void Decided(ILogger logger, ulong number, ulong epoch, string what, string why);

    [LoggerMessage(5004, LogLevel.Debug, "Command {Command} was not delivered: {Why}")]
    public static partial void CommandNotDelivered(ILogger logger, string command, string why);

    [LoggerMessage(5005, LogLevel.Warning, "{Server} stays primary while its node stops, as long as its lease lasts: {Why}")]
    public static partial void PrimaryStays(ILogger logger, string server, string why);

    [LoggerMessage(5020, LogLevel.Information, "Server {Server}: {Action} was done")]
    public static partial void ActionDone(ILogger logger, string server, string action);

    [LoggerMessage(5021, LogLevel.Warning, "Server {Server}: {Action} failed: {Why}")]
    public static partial void ActionFailed(ILogger logger, string server, string action, string why);

    [LoggerMessage(5022, LogLevel.Warning, "Server {Server}: guard: {What}")]
    public static partial void GuardTold(ILogger logger, string server, string what);

    [LoggerMessage(5023, LogLevel.Warning, "Server {Server}: {Setting}")]
    public static partial void SettingWrong(ILogger logger, string server, string setting);

    [LoggerMessage(5024, LogLevel.Warning, "Server {Server}: {Account} may write while it is read-only: revoke that right")]
    public static partial void AccountUnfenced(ILogger logger, string server, string account);

    [LoggerMessage(5025, LogLevel.Information, "Server {Server}: what the cluster has not was saved to {Path}")]
    public static partial void ErrantSaved(ILogger logger, string server, string path);
}
