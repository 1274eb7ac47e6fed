using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster policy</c>: what the cluster does by itself.</summary>
internal static class PolicyCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var loss = new Option<string?>("--loss") { Description = "When nobody can acknowledge a commit, or who did can't be asked: strict waits, available goes on after a while and records what may be lost.", HelpName = "policy" };
        var divergence = new Option<string?>("--divergence") { Description = "When a server has transactions that the cluster has not: flashback, provision (fill it anew) or wait for a person. They are saved to a file always.", HelpName = "policy" };
        var flapWindow = new Option<TimeSpan?>("--flap-window") { Description = "A second failover within this time needs a person; 0 never.", HelpName = "time", CustomParser = Values.Duration };
        var plan = ChangeAnswer.PlanOption();
        var json = OutputOptions.Json("Print an object: loss, divergence, flapWindowSeconds; with --plan: would, isRefused, reason and follows.");
        loss.AcceptOnlyFromAmong("strict", "available");
        divergence.AcceptOnlyFromAmong("flashback", "provision", "wait");
        var command = new CliCommand("policy", "Show what the cluster does by itself, or change it.")
        {
            Examples =
            [
                ("flotilla cluster policy", "what it is"),
                ("flotilla cluster policy --loss available --plan", "what would follow"),
                ("flotilla cluster policy --flap-window 30m --divergence wait", "change two of them, and leave the third"),
            ],
        };
        foreach (var option in (Option[])[loss, divergence, flapWindow, plan, json])
            command.Options.Add(option);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var changes = Changes(parsed.GetValue(loss), parsed.GetValue(divergence), parsed.GetValue(flapWindow));
            if (parsed.GetValue(plan))
                return await ChangeAnswer.AskAsync(console, client, $"policy?{changes}", isPlan: true, parsed.GetValue(json), cancellationToken);
            if (changes.Length > 0)
                await client.AskAsync(HttpMethod.Post, $"/cluster/policy?{changes}", cancellationToken);
            Write(console, (await client.GetAsync("/cluster", cancellationToken)).GetProperty("policy"), parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }

    private static string Changes(string? loss, string? divergence, TimeSpan? flapWindow) => string.Join('&', new[]
    {
        loss is null ? null : $"loss={loss}",
        divergence is null ? null : $"divergence={divergence}",
        flapWindow is not { } window ? null : string.Create(CultureInfo.InvariantCulture, $"flapWindowSeconds={Math.Ceiling(window.TotalSeconds)}"),
    }.OfType<string>());

    private static void Write(IConsole console, JsonElement policy, bool asJson)
    {
        if (asJson)
        {
            console.Output.WriteLine(policy.GetRawText());
            return;
        }

        var seconds = policy.GetProperty("flapWindowSeconds").GetInt64();
        console.Output.WriteLine($"loss         {policy.GetProperty("loss").GetString()}");
        console.Output.WriteLine($"divergence   {policy.GetProperty("divergence").GetString()!.ToLowerInvariant()}");
        console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"flap window  {(seconds == 0 ? "none" : $"{seconds} s")}"));
    }
}
