using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Management;

namespace Flotilla.Node.Management;

/// <summary>Answers of <c>/cluster</c>. See docs/guides/management.md.</summary>
internal static class ClusterJson
{
    public static void WriteState(Utf8JsonWriter writer, ClusterState state, NodeView view)
    {
        writer.WriteNumber("lastEpoch", state.LastEpoch);
        writer.WriteBoolean("isPaused", state.IsPaused);
        writer.WriteString("coordinator", view.Coordinator?.ToString());
        writer.WriteStartArray("nodes");
        foreach (var node in state.Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", node.ToString());
            writer.WriteBoolean("isHere", view.Has(node));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteEpoch(writer, state.Epoch, state.IsEpochLive);
        WritePlan(writer, state.Plan);
        if (state.Order is { } order)
            writer.WriteString("order", order.ToString());
        writer.WriteStartObject("policy");
        writer.WriteString("loss", Word(state.Policy.Loss));
        writer.WriteString("divergence", Word(state.Policy.Divergence));
        writer.WriteNumber("flapWindowSeconds", state.Policy.FlapWindowSeconds);
        writer.WriteEndObject();
        writer.WriteStartArray("servers");
        foreach (var server in state.Servers)
            WriteServer(writer, server);
        writer.WriteEndArray();
        writer.WriteStartArray("removed");
        foreach (var removed in state.Removed)
        {
            writer.WriteStartObject();
            writer.WriteString("name", removed.Server.ToString());
            writer.WriteString("node", removed.Node.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteDecisions(Utf8JsonWriter writer, string name, IEnumerable<Decision> decisions)
    {
        writer.WriteStartArray(name);
        foreach (var decision in decisions)
        {
            writer.WriteStartObject();
            writer.WriteNumber("number", decision.Number);
            writer.WriteString("at", DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Clamp(decision.AtMs, 0, 253_402_300_799_999)));
            writer.WriteNumber("epoch", decision.Epoch);
            writer.WriteString("what", decision.What);
            writer.WriteString("why", decision.Why);
            writer.WriteString("seen", decision.Seen);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteExplanation(Utf8JsonWriter writer, ServerExplanation explanation)
    {
        writer.WriteString("server", explanation.Server.ToString());
        WriteTexts(writer, "now", explanation.Now);
        WriteTexts(writer, "ifItDied", explanation.IfItDied);
    }

    public static void WriteOutcome(Utf8JsonWriter writer, OrderOutcome outcome)
    {
        writer.WriteBoolean("isDone", outcome.IsDone);
        writer.WriteBoolean("isOpen", outcome.IsOpen);
        if (!outcome.IsDone)
            writer.WriteString("error", outcome.IsOpen ? "still under way" : outcome.Decisions is [.., var last] ? $"{last.What}: {last.Why}" : "not done");
        WriteDecisions(writer, "decisions", outcome.Decisions);
    }

    /// <summary>What would be decided; <c>would</c> is null when nothing would.</summary>
    public static void WritePlan(Utf8JsonWriter writer, CoordinatorStep step)
    {
        writer.WriteString("would", step.Command switch
        {
            null => null,
            BeginPlan begin => $"begin a {Word(begin.Kind)} to epoch {begin.Epoch}{(begin.Candidate is { } to ? $" with {to} as primary" : "")}: {begin.Cause}",
            EndOrder end => $"refuse: {end.Why}",
            var other => other.GetType().Name,
        });
        writer.WriteBoolean("isRefused", step.Command is not BeginPlan);
        writer.WriteString("reason", step.Reason);
    }

    /// <summary>What would follow; shaped as a plan.</summary>
    public static void WriteOutlook(Utf8JsonWriter writer, Outlook outlook)
    {
        writer.WriteString("would", outlook.Refusal is { } why ? $"refuse: {why}" : string.Join("; ", outlook.Follows));
        writer.WriteBoolean("isRefused", outlook.Refusal is not null);
        writer.WriteString("reason", outlook.Refusal ?? "a person wants it");
        WriteTexts(writer, "follows", outlook.Follows);
    }

    private static void WriteEpoch(Utf8JsonWriter writer, EpochState? epoch, bool isLive)
    {
        if (epoch is null)
            return;
        writer.WriteStartObject("epoch");
        writer.WriteNumber("number", epoch.Number);
        writer.WriteString("primary", epoch.Primary.ToString());
        writer.WriteBoolean("isLive", isLive);
        writer.WriteString("durability", Word(epoch.Durability));
        writer.WriteNumber("unacknowledgedCommits", epoch.Unacknowledged?.Commits ?? 0);
        writer.WriteBoolean("isUnacknowledged", epoch.Unacknowledged?.Position is not null);
        WriteTexts(writer, "ackers", epoch.Ackers.Select(acker => acker.ToString()));
        WriteTexts(writer, "lockedOut", epoch.LockedOut.Select(one => one.Server.ToString()));
        writer.WriteEndObject();
    }

    private static void WritePlan(Utf8JsonWriter writer, Plan? plan)
    {
        if (plan is null)
            return;
        writer.WriteStartObject("plan");
        writer.WriteNumber("number", plan.Number);
        writer.WriteString("kind", Word(plan.Kind));
        writer.WriteString("phase", Word(plan.Phase));
        writer.WriteNumber("epoch", plan.Epoch);
        writer.WriteString("cause", plan.Cause);
        writer.WriteBoolean("isForced", plan.IsForced);
        writer.WriteString("candidate", plan.Candidate?.ToString());
        writer.WriteString("source", plan.Source?.ToString());
        writer.WriteEndObject();
    }

    private static void WriteServer(Utf8JsonWriter writer, ServerState server)
    {
        var report = server.Report;
        writer.WriteStartObject();
        writer.WriteString("name", server.Name.ToString());
        writer.WriteString("node", server.Node.ToString());
        writer.WriteString("host", server.Spec.Host);
        writer.WriteNumber("port", server.Spec.Port);
        writer.WriteNumber("serverId", server.Spec.ServerId);
        writer.WriteString("kind", Word(server.Spec.Kind));
        writer.WriteString("priority", Word(server.Spec.Priority));
        writer.WriteString("site", server.Spec.Site);
        writer.WriteString("status", Word(report.Status));
        writer.WriteString("version", report.Version);
        writer.WriteBoolean("isReadOnly", report.IsReadOnly);
        writer.WriteBoolean("isReceiving", report.IsReceiving);
        writer.WriteString("logged", report.Logged.ToString());
        writer.WriteString("applied", report.Applied.ToString());
        writer.WriteString("received", report.Received.ToString());
        writer.WriteBoolean("isInMaintenance", server.IsInMaintenance);
        writer.WriteBoolean("isLeaving", server.IsLeaving);
        writer.WriteBoolean("isToBeProvisioned", server.IsToBeProvisioned);
        writer.WriteString("error", report.Error);
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static string Word<T>(T word)
        where T : struct, Enum
        => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
