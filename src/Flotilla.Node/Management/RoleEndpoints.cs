using System.Globalization;
using Flotilla.Cluster.Topology;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>
/// <c>/primary</c> and <c>/replica</c>: 200 while a server of this node is one, else 503. For load balancers, which ask each host and know no secret. See docs/protocols/topology.md.
/// </summary>
internal sealed class RoleEndpoints(TopologySource source)
{
    public const string PrimaryPath = "/primary";
    public const string ReplicaPath = "/replica";

    public void Map(ManagementRoutes routes)
    {
        routes.MapGet(PrimaryPath, context => AnswerAsync(context, member => member.Role == TopologyRole.Primary));
        routes.MapGet(ReplicaPath, context =>
        {
            var lag = Lag(context);
            return AnswerAsync(context, member => member is { Role: TopologyRole.Replica, IsInMaintenance: false, Error: "" } && (lag is null || member.LagSeconds <= lag));
        });
    }

    private static int? Lag(HttpContext context)
        => !context.Request.Query.TryGetValue("lag", out var text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds
            : throw new BadRequestException("lag must be a number of seconds");

    private Task AnswerAsync(HttpContext context, Func<TopologyMember, bool> isWanted)
    {
        var topology = source.Current;
        var found = topology.HasQuorum ? topology.Members.FirstOrDefault(member => member.Node == source.Node && member is { IsAnnounced: false, Status: TopologyStatus.Up } && isWanted(member)) : null;
        if (found is null)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Answers.ObjectAsync(context, writer =>
        {
            writer.WriteString("node", source.Node);
            writer.WriteString("server", found?.Name);
            writer.WriteNumber("epoch", topology.Epoch);
        });
    }
}
