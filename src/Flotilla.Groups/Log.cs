using Microsoft.Extensions.Logging;

namespace Flotilla.Groups;

/// <summary>Everything that groups log: 4000 to 4019 the node, 4020 connections, 4040 the log on disk, 4050 membership.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "Node {Name} ({Member}) started, listening on {Address}")]
    public static partial void NodeStarted(ILogger logger, string name, string member, string address);

    [LoggerMessage(4001, LogLevel.Information, "Node {Name} stopped")]
    public static partial void NodeStopped(ILogger logger, string name);

    [LoggerMessage(4002, LogLevel.Critical, "Node {Name} failed and acts no more")]
    public static partial void NodeFailed(ILogger logger, string name, Exception failure);

    [LoggerMessage(4003, LogLevel.Warning, "Node {Name} was not told that it may go, and goes: {Why}")]
    public static partial void NodeLeftInHaste(ILogger logger, string name, string why);

    [LoggerMessage(4020, LogLevel.Information, "Node {Peer} ({Name}) connected from {Address}")]
    public static partial void PeerConnected(ILogger logger, string peer, string name, string address);

    [LoggerMessage(4021, LogLevel.Information, "Node {Peer} disconnected: {Why}")]
    public static partial void PeerLost(ILogger logger, string peer, string why);

    /// <summary>The one line that a connection gets which is ended for cause.</summary>
    [LoggerMessage(4022, LogLevel.Warning, "Connection with {Address} ended: {Why}")]
    public static partial void ConnectionEnded(ILogger logger, string address, string why);

    [LoggerMessage(4023, LogLevel.Warning, "No connection to {Address}: {Why}; trying on")]
    public static partial void DialFailed(ILogger logger, string address, string why);

    [LoggerMessage(4024, LogLevel.Warning, "Accepting on {Address} failed and is tried again: {Why}")]
    public static partial void AcceptFailed(ILogger logger, string address, string why);

    [LoggerMessage(4025, LogLevel.Information, "Accepting on {Address} again: {Detail}")]
    public static partial void AcceptResumed(ILogger logger, string address, string detail);

    [LoggerMessage(4026, LogLevel.Warning, "Finding other nodes failed and is tried again: {Why}")]
    public static partial void DiscoveryFailed(ILogger logger, string why);

    [LoggerMessage(4027, LogLevel.Information, "Process of node {Peer} at {Address} is gone: nobody listens there any more")]
    public static partial void ProcessGone(ILogger logger, string peer, string address);

    [LoggerMessage(4040, LogLevel.Warning, "Log on disk: {What}")]
    public static partial void LogCut(ILogger logger, string what);

    [LoggerMessage(4041, LogLevel.Error, "Log on disk failed; this node promises nothing any more until it is restarted: {Why}")]
    public static partial void LogFailed(ILogger logger, string why);

    [LoggerMessage(4050, LogLevel.Information, "View {Epoch} with {Members}, sequenced by {Sequencer}")]
    public static partial void ViewInstalled(ILogger logger, ulong epoch, string members, string sequencer);

    [LoggerMessage(4051, LogLevel.Warning, "This node may not act any more for epoch {Epoch}: its lease ended")]
    public static partial void PrimaryLost(ILogger logger, ulong epoch);

    [LoggerMessage(4052, LogLevel.Warning, "This node is out as {Member}, and returns as a new one: {Why}")]
    public static partial void Evicted(ILogger logger, string member, string why);

    [LoggerMessage(4053, LogLevel.Information, "{Kind} {Peer} {Number} {Text}")]
    public static partial void Happened(ILogger logger, string kind, string peer, ulong number, string text);

    [LoggerMessage(4060, LogLevel.Error, "In group '{Group}': {What}")]
    public static partial void HandlerFailed(ILogger logger, string group, string what, Exception? failure);

    [LoggerMessage(4061, LogLevel.Information, "Client {Client} goes to {Address}: {Why}")]
    public static partial void ClientMoves(ILogger logger, string client, string address, string why);
}
