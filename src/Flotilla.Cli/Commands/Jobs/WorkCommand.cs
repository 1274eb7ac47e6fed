using System.CommandLine;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs work</c>: runs a command for each job.</summary>
internal static class WorkCommand
{
    private const int ConcurrencyMax = 10_000;

    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var function = new Argument<string>("function") { Description = "What this worker can do." };
        var words = new Argument<string[]>("command")
        {
            Description = "What to run per job, behind --: workload on its standard input, result on its standard output. Default: print the workload.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var more = new Option<string[]>("--function", "-f") { Description = "One more function with the same command; repeat it for several.", HelpName = "function" };
        var concurrency = new Option<int>("--concurrency", "-n") { Description = "Jobs at once.", DefaultValueFactory = _ => 1, HelpName = "n" };
        var count = new Option<long?>("--count", "-c") { Description = "Stop after exactly so many jobs, done one at a time whatever -n says.", HelpName = "n" };
        var timeout = Duration("--timeout", "Kill the command and give the job to another worker after so long.");
        var drain = Duration("--drain-timeout", "When told to stop: wait so long for running jobs. Default 30s.");
        var stream = new Option<bool>("--stream") { Description = "Pass output on as it comes (as data packets), not all at the end." };
        var progress = new Option<bool>("--progress")
        {
            Description = "Lines 'progress N/M' and 'warning TEXT' on the command's standard error go to the client as such.",
        };
        var exceptions = new Option<bool>("--exceptions")
        {
            Description = "A command that fails ends its job with an exception that says how and the end of its standard error.",
        };
        var clientId = new Option<string?>("--client-id") { Description = "Name in the server's list of workers. Default: host and process id.", HelpName = "name" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print a line per job on standard error." };
        var json = OutputOptions.Json("Print an object per finished job on standard output.");
        var command = new CliCommand("work", "Work on jobs by running a command for each.")
        {
            Examples =
            [
                ("flotilla jobs work reverse -- rev", "the hello world: reverses lines"),
                ("flotilla jobs work resize -n 4 --timeout 30s -- convert - -resize 50% -", "four at once, each at most half a minute"),
                ("flotilla jobs work backup --progress --stream -- /usr/local/bin/backup.sh", "progress and output reach the client as they come"),
                ("flotilla jobs work log", "no command: prints each workload"),
            ],
        };
        command.Arguments.Add(function);
        command.Arguments.Add(words);
        foreach (var option in (Option[])[more, concurrency, count, timeout, drain, stream, progress, exceptions, clientId, verbose, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(concurrency) is not null && result.GetValue(concurrency) is < 1 or > ConcurrencyMax)
                result.AddError($"--concurrency must be 1 to {ConcurrencyMax}.");
            if (result.GetValue(count) < 1)
                result.AddError("--count must be at least 1.");
        });
        access.AddTo(command);
        return command.Runs(console, (parsed, cancellationToken) =>
        {
            var settings = new WorkSettings
            {
                Functions = [.. ((string[])[parsed.GetValue(function)!, .. parsed.GetValue(more) ?? []]).Distinct(StringComparer.Ordinal)],
                Command = parsed.GetValue(words) ?? [],
                Concurrency = parsed.GetValue(count) is null ? parsed.GetValue(concurrency) : 1,
                Count = parsed.GetValue(count),
                Timeout = parsed.GetValue(timeout),
                DrainTimeout = parsed.GetValue(drain) ?? TimeSpan.FromSeconds(30),
                IsStreaming = parsed.GetValue(stream),
                ReadsProgress = parsed.GetValue(progress),
                ReportsExceptions = parsed.GetValue(exceptions),
                ClientId = parsed.GetValue(clientId),
                IsVerbose = parsed.GetValue(verbose),
                AsJson = parsed.GetValue(json),
            };
            return new CommandWorker(console, access.Read(parsed), settings).RunAsync(cancellationToken);
        });
    }

    private static Option<TimeSpan?> Duration(string name, string description)
        => new(name) { Description = description, HelpName = "duration", CustomParser = Values.Duration };
}
