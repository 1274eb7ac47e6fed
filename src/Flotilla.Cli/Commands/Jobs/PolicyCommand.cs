using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs policy</c>: retries, dead letters and queue limits of a function.</summary>
internal static class PolicyCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var function = new Argument<string>("function") { Description = "Which function." };
        var attempts = new Option<int?>("--attempts") { Description = "How often a job is begun before it is given up; 0 is without limit.", HelpName = "n" };
        var backOff = Duration("--backoff", "Wait before the second attempt; doubled for each further one.");
        var backOffMax = Duration("--backoff-max", "The longest wait.");
        var onFail = new Option<string?>("--on-fail") { Description = "What a worker's own failure (WORK_FAIL) does: final, or retry." };
        onFail.AcceptOnlyFromAmong("final", "retry");
        var dead = new Option<string?>("--dead") { Description = "What becomes of jobs given up: keep them in the dead-letter list, or drop them." };
        dead.AcceptOnlyFromAmong("keep", "drop");
        var maxQueue = new Option<long[]>("--max-queue")
        {
            Description = "Jobs that the queue takes: one number, or three for high, normal and low; 0 is without limit.",
            HelpName = "n",
            AllowMultipleArgumentsPerToken = true,
            Arity = new ArgumentArity(1, 3),
        };
        var json = OutputOptions.Json("Print an array with what holds now.");
        var command = new CliCommand("policy", "Say how often and when jobs of a function are tried again, and how long its queue may be.")
        {
            Examples =
            [
                ("flotilla jobs policy mail --attempts 5 --backoff 2s --backoff-max 5m --on-fail retry --dead keep", "tries for some minutes, then keeps"),
                ("flotilla jobs policy mail --max-queue 10000", "refuses what goes beyond"),
                ("flotilla jobs policy mail", "shows what holds now"),
            ],
        };
        command.Arguments.Add(function);
        foreach (var option in (Option[])[attempts, backOff, backOffMax, onFail, dead, maxQueue, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(attempts) is { Errors: var errors } && !errors.Any() && result.GetValue(attempts) < 0)
                result.AddError("--attempts must be 0 or more; 0 is without limit.");
        });
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(function)!;
            var policy = new FunctionPolicy
            {
                Attempts = parsed.GetValue(attempts),
                BackOff = parsed.GetValue(backOff),
                BackOffMax = parsed.GetValue(backOffMax),
                RetryFailed = parsed.GetValue(onFail) is { } word ? word == "retry" : null,
                KeepDead = parsed.GetValue(dead) is { } keep ? keep == "keep" : null,
            };
            var servers = access.Read(parsed);
            var listing = new Listing(
                new Column("Server", "server") { InTable = servers.Servers.Count > 1 },
                new Column("Function", "function"), new Column("Policy", "policy"), new Column("Limits", "maxQueue"));
            var code = await EachServer.RunAsync(
                servers,
                console,
                async (admin, token) =>
                {
                    await SayIfNewAsync(admin, name, console, token);
                    if (policy != new FunctionPolicy())
                        await admin.SetPolicyAsync(name, policy, token);
                    await SetLimitsAsync(admin, name, parsed.GetValue(maxQueue) ?? [], token);
                    var now = (await admin.GetFunctionsAsync(token)).FirstOrDefault(one => one.Name == name);
                    listing.Add(admin.Server.ToString(), name, now?.Policy is { } known ? known : null, now?.MaxQueue is { } limits ? limits : null);
                },
                cancellationToken);
            if (listing.Rows.Count > 0)
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return code;
        });
    }

    /// <summary>A typing error looks the same.</summary>
    private static async Task SayIfNewAsync(GearmanAdmin admin, string function, IConsole console, CancellationToken cancellationToken)
    {
        if ((await admin.GetFunctionsAsync(cancellationToken)).All(one => one.Name != function))
            ErrorText.Write(console, $"note: the function '{function}' is new on {admin.Server}: no worker or job has named it yet");
    }

    private static async Task SetLimitsAsync(GearmanAdmin admin, string function, long[] limits, CancellationToken cancellationToken)
    {
        if (limits.Length == 0)
            return;
        if (limits.Length == 2)
            throw new CliException(ExitCode.Usage, "--max-queue takes one number, or three for high, normal and low");
        await (limits.Length == 1
            ? admin.SetMaxQueueAsync(function, limits[0], cancellationToken)
            : admin.SetMaxQueueAsync(function, limits[0], limits[1], limits[2], cancellationToken));
    }

    private static Option<TimeSpan?> Duration(string name, string description)
        => new(name) { Description = description, HelpName = "duration", CustomParser = Values.Duration };
}
