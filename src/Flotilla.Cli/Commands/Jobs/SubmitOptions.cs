using System.CommandLine;
using System.CommandLine.Parsing;
using Flotilla.Cli.Hosting;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The command line of <c>jobs submit</c>.</summary>
internal sealed class SubmitOptions
{
    private const int ParallelMax = 10_000;

    private readonly IConsole _console;
    private readonly AccessOptions _access;
    private readonly Argument<string> _function = new("function") { Description = "What shall be done." };
    private readonly Argument<string?> _payload = new("payload")
    {
        Description = "The workload. Default: standard input, or nothing at a terminal.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _file = new("--file", "-f") { Description = "Read the workload from this file; - is standard input.", HelpName = "file" };
    private readonly Option<bool> _background = new("--background", "-b") { Description = "Don't wait for the result; print the handle." };
    private readonly Option<string> _priority = new("--priority", "-p")
    {
        Description = "high, normal or low.",
        DefaultValueFactory = _ => "normal",
    };

    private readonly Option<string?> _unique = new("--unique", "-u")
    {
        Description = "Unique key, up to 64 bytes: a submit joins the job with the same function and key. '-': the workload is the key.",
        HelpName = "key",
    };

    private readonly Option<DateTimeOffset?> _at;
    private readonly Option<TimeSpan?> _delay = new("--delay")
    {
        Description = "Run it so much later; in the background.", HelpName = "duration", CustomParser = Values.Duration,
    };

    private readonly Option<bool> _lines = new("--lines", "-n") { Description = "Submit one job per line of the input." };
    private readonly Option<int> _parallel = new("--parallel")
    {
        Description = "With --lines: jobs under way at once.", DefaultValueFactory = _ => 10, HelpName = "n",
    };

    private readonly Option<string?> _reducer = new("--reducer") { Description = "Submit a reduce job: its worker is told this function's name.", HelpName = "function" };
    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "Wait at most so long for a result (exit code 8).", HelpName = "duration", CustomParser = Values.Duration,
    };

    private readonly Option<bool> _json = OutputOptions.Json("Print one object per job: handle, outcome, data, warnings, elapsed time.");

    public SubmitOptions(IConsole console)
    {
        _console = console;
        _access = new AccessOptions(console);
        _at = new Option<DateTimeOffset?>("--at")
        {
            Description = "Run it then, in the background: 18:30, 2030-01-31T18:30, with Z or +01:00 if not local, or @ and Unix seconds.",
            HelpName = "time",
            CustomParser = ParseMoment,
        };
    }

    public void AddTo(Command command)
    {
        _priority.AcceptOnlyFromAmong("high", "normal", "low");
        command.Arguments.Add(_function);
        command.Arguments.Add(_payload);
        foreach (var option in (Option[])
            [_file, _background, _priority, _unique, _at, _delay, _lines, _parallel, _reducer, _timeout, _json])
            command.Options.Add(option);
        _access.AddTo(command);
        command.Validators.Add(Check);
    }

    public ServerAccess ReadAccess(ParseResult parsed) => _access.Read(parsed);

    public SubmitSettings Read(ParseResult parsed)
    {
        var due = parsed.GetValue(_at) ?? (parsed.GetValue(_delay) is { } delay ? _console.Clock.GetUtcNow() + delay : null);
        return new SubmitSettings
        {
            Function = parsed.GetValue(_function)!,
            Payload = parsed.GetValue(_payload),
            File = parsed.GetValue(_file),
            Unique = parsed.GetValue(_unique) ?? "",
            Priority = Enum.Parse<JobPriority>(parsed.GetValue(_priority)!, ignoreCase: true),
            Reducer = parsed.GetValue(_reducer),
            IsBackground = parsed.GetValue(_background) || due is not null,
            Due = due,
            IsPerLine = parsed.GetValue(_lines),
            Parallel = parsed.GetValue(_parallel),
            Timeout = parsed.GetValue(_timeout),
            AsJson = parsed.GetValue(_json),
        };
    }

    private void Check(CommandResult result)
    {
        var isScheduled = result.GetResult(_at) is not null || result.GetResult(_delay) is not null;
        if (result.GetResult(_at) is not null && result.GetResult(_delay) is not null)
            result.AddError("--at and --delay exclude each other.");
        if (result.GetResult(_payload) is not null && result.GetResult(_file) is not null)
            result.AddError("A payload and --file exclude each other.");
        if (result.GetResult(_payload) is not null && result.GetResult(_lines) is not null)
            result.AddError("A payload and --lines exclude each other: lines come from --file or standard input.");
        if (result.GetResult(_timeout) is not null && (isScheduled || result.GetResult(_background) is not null))
            result.AddError("--timeout is about the result, which a background job does not bring.");
        if (result.GetResult(_parallel) is { Implicit: false } && result.GetValue(_parallel) is < 1 or > ParallelMax)
            result.AddError($"--parallel must be 1 to {ParallelMax}.");
        if (isScheduled && result.GetResult(_reducer) is not null)
            result.AddError("--reducer and a time exclude each other.");
        if (isScheduled && result.GetResult(_priority) is { Implicit: false })
            result.AddError("--priority and a time exclude each other: the protocol gives such jobs normal priority.");
    }

    private DateTimeOffset? ParseMoment(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Values.TryMoment(text, _console.Clock.GetLocalNow(), out var moment))
            return moment;
        result.AddError($"'{text}' is not a time: write 18:30, 2030-01-31T18:30, 2030-01-31T17:30Z or @1893436200");
        return null;
    }
}
