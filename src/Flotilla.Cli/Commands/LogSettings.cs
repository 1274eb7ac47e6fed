using Microsoft.Extensions.Logging;

namespace Flotilla.Cli.Commands;

/// <summary>Where a command that stays logs, and what.</summary>
/// <param name="Level">The least grave level that is logged.</param>
/// <param name="File">Where the log goes; null for standard error.</param>
/// <param name="IsJson">Whether its lines are JSON.</param>
/// <param name="PidFile">Where the process id goes, or null.</param>
internal sealed record LogSettings(LogLevel Level, string? File, bool IsJson, string? PidFile);
