using System.CommandLine;
using Flotilla.JobServer.Telemetry;

namespace Flotilla.Cli.Commands;

/// <summary>The options of commands that stay: their log, and the file that tells their process id.</summary>
/// <param name="verbosity">What each <c>-v</c> adds.</param>
/// <param name="verbosityAlways">How many of them are given in any case.</param>
internal sealed class LogOptions(string verbosity, int verbosityAlways = 0)
{
    private readonly Option<string?> _pidFile = new("--pid-file") { Description = "Write the process id there while it runs.", HelpName = "file" };
    private readonly Option<string?> _logFile = new("--log-file") { Description = "Log there and not to standard error; opened again on SIGHUP.", HelpName = "file" };
    private readonly Option<string> _logFormat = new("--log-format") { Description = "text or json.", DefaultValueFactory = _ => "text" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = verbosity, Arity = ArgumentArity.Zero };

    public void AddTo(Command command)
    {
        _logFormat.AcceptOnlyFromAmong("text", "json");
        foreach (var option in (Option[])[_pidFile, _logFile, _logFormat, _verbose])
            command.Options.Add(option);
    }

    public LogSettings Read(ParseResult parsed) => new(
        Verbosity.ToLogLevel(verbosityAlways + (parsed.GetResult(_verbose)?.IdentifierTokenCount ?? 0)), parsed.GetValue(_logFile), parsed.GetValue(_logFormat) == "json", parsed.GetValue(_pidFile));
}
