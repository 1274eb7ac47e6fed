using System.Globalization;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Management;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/cluster</c>: what was agreed, its history, explanations, and what people may do.</summary>
internal sealed class ClusterEndpoints(ClusterManager cluster)
{
    /// <summary>Most of it is carried out within seconds; what takes longer goes on without whoever wanted it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/cluster", context => Answers.ObjectAsync(context, writer => ClusterJson.WriteState(writer, cluster.Topology.State, cluster.Topology.View)));
        routes.MapGet("/cluster/history", HistoryAsync);
        routes.MapGet("/cluster/explain/{server}", ExplainAsync);
        routes.MapPost("/cluster/switchover", context => OrderAsync(context, OrderKind.Switchover));
        routes.MapPost("/cluster/failover", context => OrderAsync(context, OrderKind.Failover));
        routes.MapPost("/cluster/add", context => ChangeAsync(context, ["server"], () => cluster.Add(Server(context))));
        routes.MapPost("/cluster/remove", context => ChangeAsync(context, ["server", "force"], () => cluster.Remove(Server(context), Flag(context, "force", otherwise: false))));
        routes.MapPost("/cluster/reprovision", context => ChangeAsync(context, ["server"], () => cluster.Reprovision(Server(context))));
        routes.MapPost("/cluster/maintenance", context => ChangeAsync(context, ["server", "on"], () => cluster.SetMaintenance(Server(context), Flag(context, "on", otherwise: null))));
        routes.MapPost("/cluster/pause", context => ChangeAsync(context, ["on"], () => cluster.SetPause(Flag(context, "on", otherwise: null))));
        routes.MapPost("/cluster/policy", context => ChangeAsync(context, ["loss", "divergence", "flapWindowSeconds"], () => cluster.SetPolicy(Policy(context))));
    }

    private static ServerName Name(string? text)
        => ServerName.IsValid(text) ? new ServerName(text!) : throw new BadRequestException("a server's name is 1 to 64 of a-z, 0-9, '-', '.' and '_'");

    private static ServerName Server(HttpContext context) => Name(context.Request.Query["server"]);

    private static bool Flag(HttpContext context, string name, bool? otherwise) => context.Request.Query[name].ToString() switch
    {
        "" when !context.Request.Query.ContainsKey(name) && otherwise is { } value => value,
        "true" or "1" or "on" => true,
        "false" or "0" or "off" => false,
        _ => throw new BadRequestException($"{name} must be true or false"),
    };

    /// <summary>A misspelt <c>plan</c> must not carry out what was to be looked at.</summary>
    private static void AllowOnly(HttpContext context, params ReadOnlySpan<string> names)
    {
        foreach (var name in context.Request.Query.Keys)
        {
            if (!names.Contains(name))
                throw new BadRequestException($"unknown name, known are {string.Join(", ", names.ToArray())}");
        }
    }

    private ClusterPolicy Policy(HttpContext context)
    {
        var now = cluster.Topology.State.Policy;
        return new ClusterPolicy
        {
            Loss = Word(context, "loss", now.Loss),
            Divergence = Word(context, "divergence", now.Divergence),
            FlapWindowSeconds = !context.Request.Query.TryGetValue("flapWindowSeconds", out var text) ? now.FlapWindowSeconds
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds
                : throw new BadRequestException("flapWindowSeconds must be a number of seconds"),
        };
    }

    private static T Word<T>(HttpContext context, string name, T otherwise)
        where T : struct, Enum
    {
        if (!context.Request.Query.TryGetValue(name, out var text))
            return otherwise;
        foreach (var word in Enum.GetValues<T>())
        {
            if (string.Equals(word.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return word;
        }

        throw new BadRequestException($"{name} must be one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}");
    }

    private async Task HistoryAsync(HttpContext context)
    {
        var limit = ClusterState.HistoryMax;
        if (context.Request.Query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit > ClusterState.HistoryMax))
            throw new BadRequestException($"limit must be 0 to {ClusterState.HistoryMax}");
        await Answers.ObjectAsync(context, writer => ClusterJson.WriteDecisions(writer, "decisions", cluster.Topology.State.History.TakeLast(limit)));
    }

    private Task ExplainAsync(HttpContext context)
    {
        var explanation = cluster.Explain(Name(context.Request.RouteValues["server"] as string));
        return Answers.ObjectAsync(context, writer => ClusterJson.WriteExplanation(writer, explanation));
    }

    private async Task OrderAsync(HttpContext context, OrderKind kind)
    {
        AllowOnly(context, "to", "force", "plan");
        ServerName? to = context.Request.Query.TryGetValue("to", out var text) ? Name(text) : null;
        var order = new Order { Kind = kind, To = to, IsForced = Flag(context, "force", otherwise: false) };
        if (Flag(context, "plan", otherwise: false))
        {
            var step = cluster.Plan(order);
            await Answers.ObjectAsync(context, writer => ClusterJson.WritePlan(writer, step));
            return;
        }

        await AnswerAsync(context, await cluster.OrderAsync(order, Patience, context.RequestAborted));
    }

    private async Task ChangeAsync(HttpContext context, string[] names, Func<ClusterChange> change)
    {
        AllowOnly(context, [.. names, "plan"]);
        var wanted = change();
        if (Flag(context, "plan", otherwise: false))
            await Answers.ObjectAsync(context, writer => ClusterJson.WriteOutlook(writer, wanted.Outlook));
        else
            await AnswerAsync(context, await cluster.CarryOutAsync(wanted, Patience, context.RequestAborted));
    }

    private static Task AnswerAsync(HttpContext context, OrderOutcome outcome)
    {
        if (!outcome.IsDone)
            context.Response.StatusCode = outcome.IsOpen ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict;
        return Answers.ObjectAsync(context, writer => ClusterJson.WriteOutcome(writer, outcome));
    }
}
