using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Node.Management;

/// <summary><c>/schedules</c>: recurring jobs. They are made by submitting with a schedule, and end like jobs.</summary>
internal sealed class ScheduleEndpoints(IManagedJobServer server)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/schedules", async context => await Answers.ListAsync(context, await server.ListAsync("show schedules", context.RequestAborted)));
        routes.MapDelete("/schedules/{handle}", EndAsync);
    }

    private async Task EndAsync(HttpContext context)
    {
        await server.LineAsync($"cancel job {AdminWord.Require(context.GetRouteValue("handle") as string, "a handle")}", context.RequestAborted);
        await Answers.NothingAsync(context);
    }
}
