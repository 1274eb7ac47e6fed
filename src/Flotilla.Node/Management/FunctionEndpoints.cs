using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flotilla.Node.Management;

/// <summary><c>/functions</c>: list, look into, pause, resume, drain, limit, drop, and submit to.</summary>
internal sealed class FunctionEndpoints(IManagedJobServer server)
{
    private const int MaxListedJobs = 10_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/functions", AllAsync);
        routes.MapGet("/functions/{function}", OneAsync);
        routes.MapGet("/functions/{function}/queue", QueueAsync);
        routes.MapPost("/functions/{function}/jobs", SubmitAsync);
        foreach (var verb in new[] { "pause", "resume", "drain" })
            routes.MapPost($"/functions/{{function}}/{verb}", context => CommandAsync(context, $"{verb} {Function(context)}"));
        routes.MapPut("/functions/{function}/policy", PolicyAsync);
        routes.MapDelete("/functions/{function}", context => CommandAsync(context, $"drop function {Function(context)}"));
    }

    private static string Function(HttpContext context) => AdminWord.Require(context.GetRouteValue("function") as string, "a function");

    private async Task CommandAsync(HttpContext context, string command)
    {
        await server.LineAsync(command, context.RequestAborted);
        await Answers.NothingAsync(context);
    }

    private async Task AllAsync(HttpContext context)
        => await Answers.ListAsync(context, await server.ListAsync("show functions", context.RequestAborted));

    private async Task OneAsync(HttpContext context)
    {
        var function = Function(context);
        foreach (var line in await server.ListAsync("show functions", context.RequestAborted))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("name").GetString() == function)
            {
                await Answers.LineAsync(context, line);
                return;
            }
        }

        throw new AdminRefusedException("UNKNOWN_FUNCTION", "no job and no worker ever named it");
    }

    private async Task QueueAsync(HttpContext context)
    {
        var limit = 100;
        if (context.Request.Query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit > MaxListedJobs))
            throw new BadRequestException($"limit must be 0 to {MaxListedJobs}");
        var command = string.Create(CultureInfo.InvariantCulture, $"show queue {Function(context)} {limit}");
        await Answers.ListAsync(context, await server.ListAsync(command, context.RequestAborted));
    }

    private async Task SubmitAsync(HttpContext context)
    {
        var function = context.GetRouteValue("function") as string ?? "";
        var submission = await SubmissionReader.ReadAsync(context.Request, function);
        var handle = await server.SubmitAsync(submission, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/jobs/{handle}";
        await Answers.ObjectAsync(context, writer => writer.WriteString("handle", handle));
    }

    /// <summary>The body is an object of the policy's words: <c>{"attempts":"5","backoff":"2s"}</c>.</summary>
    private async Task PolicyAsync(HttpContext context)
    {
        using var body = await SubmissionReader.ReadJsonAsync(context.Request);
        var words = body.RootElement.EnumerateObject()
            .Select(one => $"{AdminWord.Require(one.Name, "a setting")}={AdminWord.Require(one.Value.ToString(), "a setting's value")}");
        await CommandAsync(context, $"policy {Function(context)} {string.Join(' ', words)}");
    }
}
