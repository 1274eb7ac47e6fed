using Flotilla.Node;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What <c>jobs serve</c> was asked for.</summary>
/// <param name="Node">The server and what is around it.</param>
/// <param name="LogLevel">The least grave level that is logged.</param>
/// <param name="LogFile">Where the log goes; null for standard error.</param>
/// <param name="LogsJson">Whether log lines are JSON.</param>
/// <param name="PidFile">Where the process id goes, or null.</param>
/// <param name="AsJson">Whether the addresses are told as JSON.</param>
internal sealed record ServeSettings(NodeOptions Node, LogLevel LogLevel, string? LogFile, bool LogsJson, string? PidFile, bool AsJson);
