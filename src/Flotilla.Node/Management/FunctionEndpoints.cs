using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/functions</c>: list, look into, pause, resume, drain, limit, drop, and submit to.</summary>
internal sealed class FunctionEndpoints(IManagedJobServer server)
{
    private const int MaxListedJobs = 10_000;

    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/functions", AllAsync);
        routes.MapGet("/functions/{function}", OneAsync);
        routes.MapGet("/functions/{function}/queue", QueueAsync);
        routes.MapPost("/functions/{function}/jobs", SubmitAsync);
        foreach (var verb in new[] { "pause", "resume", "drain" })
            routes.MapPost($"/functions/{{function}}/{verb}", context => SettingAsync(context, $"{verb} {Function(context)}"));
        routes.MapPut("/functions/{function}/policy", PolicyAsync);
        routes.MapDelete("/functions/{function}", context => CommandAsync(context, $"drop function {Function(context)}"));
    }

    private static string Function(HttpContext context) => AdminWord.Require(context.Request.RouteValues["function"] as string, "a function");

    private async Task CommandAsync(HttpContext context, string command)
    {
        await server.LineAsync(command, context.RequestAborted);
        await Answers.NothingAsync(context);
    }

    /// <summary>
    /// A setting may come before the first job, and is kept. Whoever sets it must see that the function is new: a typing error looks the same.
    /// </summary>
    private async Task SettingAsync(HttpContext context, string command)
    {
        var function = Function(context);
        var isNew = await FindAsync(function, context.RequestAborted) is null;
        await server.LineAsync(command, context.RequestAborted);
        if (!isNew)
        {
            await Answers.NothingAsync(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        await Answers.ObjectAsync(context, writer =>
        {
            writer.WriteString("function", function);
            writer.WriteString("note", "new: no worker or job has named it yet");
        });
    }

    private async Task AllAsync(HttpContext context)
        => await Answers.ListAsync(context, await server.ListAsync("show functions", context.RequestAborted));

    private async Task OneAsync(HttpContext context)
    {
        var line = await FindAsync(Function(context), context.RequestAborted)
            ?? throw new AdminRefusedException("UNKNOWN_FUNCTION", "the server does not know the function: no job and no worker has named it");
        await Answers.LineAsync(context, line);
    }

    /// <summary>A function that the server lists, as its JSON line.</summary>
    private async Task<string?> FindAsync(string function, CancellationToken cancellationToken)
    {
        foreach (var line in await server.ListAsync("show functions", cancellationToken))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("name").GetString() == function)
                return line;
        }

        return null;
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
        var function = context.Request.RouteValues["function"] as string ?? "";
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
        await SettingAsync(context, $"policy {Function(context)} {string.Join(' ', words)}");
    }
}
