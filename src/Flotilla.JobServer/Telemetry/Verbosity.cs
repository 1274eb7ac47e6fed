using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Telemetry;

/// <summary>How much is logged for how many <c>-v</c>: each one more level.</summary>
public static class Verbosity
{
    /// <summary>0: what is wrong. 1: also starts, stops, lost workers. 2: also connections and jobs. 3 and more: everything.</summary>
    public static LogLevel ToLogLevel(int count) => count switch
    {
        <= 0 => LogLevel.Warning,
        1 => LogLevel.Information,
        2 => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
