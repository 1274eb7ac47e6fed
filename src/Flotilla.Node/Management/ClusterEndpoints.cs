using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Management;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Node.Management;

/// <summary><c>/cluster</c>: what was agreed, its history, explanations, and what people may do.</summary>
internal sealed class ClusterEndpoints(ClusterManager cluster)
{
    /// <summary>Most orders are carried out within seconds; one that takes longer goes on without whoever gave it.</summary>
    private static readonly TimeSpan OrderPatience = TimeSpan.FromSeconds(60);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/cluster", context => Answers.ObjectAsync(context, writer => ClusterJson.WriteState(writer, cluster.Topology.State, cluster.Topology.View)));
        routes.MapGet("/cluster/history", HistoryAsync);
        routes.MapGet("/cluster/explain/{server}", ExplainAsync);
        routes.MapPost("/cluster/switchover", context => OrderAsync(context, OrderKind.Switchover));
        routes.MapPost("/cluster/failover", context => OrderAsync(context, OrderKind.Failover));
        routes.MapPost("/cluster/maintenance", MaintenanceAsync);
        routes.MapPost("/cluster/pause", PauseAsync);
    }

    private static ServerName Name(string? text)
        => ServerName.IsValid(text) ? new ServerName(text!) : throw new BadRequestException("a server's name is 1 to 64 of a-z, 0-9, '-', '.' and '_'");

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
        var explanation = cluster.Explain(Name(context.GetRouteValue("server") as string));
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

        var outcome = await cluster.OrderAsync(order, OrderPatience, context.RequestAborted);
        if (!outcome.IsDone)
            context.Response.StatusCode = outcome.IsOpen ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict;
        await Answers.ObjectAsync(context, writer => ClusterJson.WriteOutcome(writer, outcome));
    }

    private async Task MaintenanceAsync(HttpContext context)
    {
        AllowOnly(context, "server", "on");
        await cluster.SetMaintenanceAsync(Name(context.Request.Query["server"]), Flag(context, "on", otherwise: null), context.RequestAborted);
        await Answers.NothingAsync(context);
    }

    private async Task PauseAsync(HttpContext context)
    {
        AllowOnly(context, "on");
        await cluster.SetPauseAsync(Flag(context, "on", otherwise: null), context.RequestAborted);
        await Answers.NothingAsync(context);
    }
}
