using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/schedules</c>: recurring jobs. They are made by submitting with a schedule, and end like jobs.</summary>
internal sealed class ScheduleEndpoints(IManagedJobServer server)
{
    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/schedules", ListAsync);
        routes.MapDelete("/schedules/{handle}", EndAsync);
    }

    private async Task ListAsync(HttpContext context)
        => await Answers.ListAsync(context, await server.ListAsync("show schedules", context.RequestAborted));

    private async Task EndAsync(HttpContext context)
    {
        var handle = AdminWord.Require(context.Request.RouteValues["handle"] as string, "a handle");
        await server.LineAsync($"cancel job {handle}", context.RequestAborted);
        await Answers.NothingAsync(context);
    }
}
