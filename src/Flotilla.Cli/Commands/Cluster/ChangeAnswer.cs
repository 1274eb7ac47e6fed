using System.CommandLine;
using System.Net;
using System.Text.Json;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>What a node answers to orders and changes.</summary>
internal static class ChangeAnswer
{
    public static Option<bool> PlanOption() => new("--plan") { Description = "Only say what would be done." };

    public static Option<bool> JsonOption() => OutputOptions.Json("Print an object: isDone, isOpen and decisions; with --plan: would, isRefused, reason and follows.");

    /// <summary>Asks for a change, or what would come of it.</summary>
    /// <param name="console">Where the answer goes.</param>
    /// <param name="client">Who is asked.</param>
    /// <param name="change">Its path below <c>/cluster/</c>, with a query.</param>
    /// <param name="isPlan">Only what would come of it.</param>
    /// <param name="asJson">As it was answered.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<ExitCode> AskAsync(IConsole console, ClusterClient client, string change, bool isPlan, bool asJson, CancellationToken cancellationToken)
    {
        var (status, answer) = await client.AskAsync(HttpMethod.Post, $"/cluster/{change}{(isPlan ? "&plan=true" : "")}", cancellationToken);
        return isPlan ? WritePlan(console, answer, asJson) : Write(console, status, answer, asJson);
    }

    private static ExitCode WritePlan(IConsole console, JsonElement answer, bool asJson)
    {
        if (asJson)
        {
            console.Output.WriteLine(answer.GetRawText());
        }
        else if (answer.TryGetProperty("follows", out var follows) && follows.GetArrayLength() > 0)
        {
            foreach (var sentence in follows.EnumerateArray())
                console.Output.WriteLine(CellText.Printable(sentence.GetString()!));
        }
        else
        {
            console.Output.WriteLine(CellText.Printable(answer.GetProperty("would").GetString() ?? "nothing would be done"));
            console.Output.WriteLine(CellText.Printable($"because: {answer.GetProperty("reason").GetString()}"));
        }

        return answer.GetProperty("isRefused").GetBoolean() ? ExitCode.Refused : ExitCode.Ok;
    }

    private static ExitCode Write(IConsole console, HttpStatusCode status, JsonElement answer, bool asJson)
    {
        if (asJson)
            console.Output.WriteLine(answer.GetRawText());
        else
            ListingWriter.Write(console, DecisionTable.Of(answer), asJson: false);
        return status switch
        {
            HttpStatusCode.Conflict => throw new CliException(ExitCode.Refused, answer.GetProperty("error").GetString()!),
            HttpStatusCode.Accepted => throw new CliException(ExitCode.TimedOut, "still under way", "Follow it with 'flotilla cluster status --watch', 'flotilla cluster history' and 'flotilla cluster explain SERVER'."),
            _ => ExitCode.Ok,
        };
    }
}
