using System.CommandLine;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs top</c>: the state of the servers, again and again.</summary>
internal static class TopCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var interval = new Option<TimeSpan?>("--interval", "-i")
        {
            Description = "Time between looks. Default 1s.", HelpName = "duration", CustomParser = Values.Duration,
        };
        var count = new Option<long?>("--count", "-c") { Description = "Stop after so many looks; 1 prints once.", HelpName = "n" };
        var sort = new Option<string>("--sort") { Description = "name, queued, running or workers.", DefaultValueFactory = _ => "queued" };
        sort.AcceptOnlyFromAmong("name", "queued", "running", "workers");
        var json = OutputOptions.Json("Print an object per look and line.");
        var command = new CliCommand("top", "Watch functions, queues and rates in a live table. Keys: q quits, s changes the order.")
        {
            Examples =
            [
                ("flotilla jobs top", "the local server, every second"),
                ("flotilla jobs top -i 200ms --sort running -s jobs1 -s jobs2", "two servers, five times a second"),
                ("flotilla jobs top -c 60 --json > minute.jsonl", "a minute of it, for a program"),
            ],
        };
        foreach (var option in (Option[])[interval, count, sort, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(interval) is { TotalMilliseconds: < 50 })
                result.AddError("--interval must be at least 50ms.");
            if (result.GetValue(count) < 1)
                result.AddError("--count must be at least 1.");
        });
        access.AddTo(command);
        return command.Runs(console, (parsed, cancellationToken) => new TopLoop(console, access.Read(parsed))
        {
            Interval = parsed.GetValue(interval) ?? TimeSpan.FromSeconds(1),
            Count = parsed.GetValue(count) ?? long.MaxValue,
            Order = Enum.Parse<TopOrder>(parsed.GetValue(sort)!, ignoreCase: true),
            AsJson = parsed.GetValue(json),
        }.RunAsync(cancellationToken));
    }
}
