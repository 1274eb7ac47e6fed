using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/dead</c>: jobs that used up their attempts.</summary>
internal sealed class DeadLetterEndpoints(IManagedJobServer server)
{
    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/dead", ListAsync);
        routes.MapPost("/dead/{handle}/retry", context => CommandAsync(context, $"dead retry {Word(context, "handle")}"));
        routes.MapDelete("/dead/{handle}", context => CommandAsync(context, $"dead drop {Word(context, "handle")}"));
        routes.MapPost("/functions/{function}/dead/retry", context => CommandAsync(context, $"dead retry all {Word(context, "function")}"));
        routes.MapDelete("/functions/{function}/dead", context => CommandAsync(context, $"dead drop all {Word(context, "function")}"));
    }

    private static string Word(HttpContext context, string name) => AdminWord.Require(context.Request.RouteValues[name] as string, $"a {name}");

    private async Task ListAsync(HttpContext context)
    {
        var command = context.Request.Query.TryGetValue("function", out var function)
            ? $"show dead {AdminWord.Require(function, "a function")}"
            : "show dead";
        await Answers.ListAsync(context, await server.ListAsync(command, context.RequestAborted));
    }

    private async Task CommandAsync(HttpContext context, string command)
    {
        await server.LineAsync(command, context.RequestAborted);
        await Answers.NothingAsync(context);
    }
}
