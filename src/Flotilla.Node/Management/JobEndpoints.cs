using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Flotilla.JobServer.Core;
using Flotilla.Node.Results;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/jobs/HANDLE</c>: a job's state, its result, its end.</summary>
internal sealed class JobEndpoints(IManagedJobServer server, ResultCache results)
{
    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/jobs/{handle}", StateAsync);
        routes.MapGet("/jobs/{handle}/result", ResultAsync);
        routes.MapDelete("/jobs/{handle}", CancelAsync);
    }

    private static string Handle(HttpContext context) => AdminWord.Require(context.Request.RouteValues["handle"] as string, "a handle");

    private async Task StateAsync(HttpContext context)
    {
        var handle = Handle(context);
        if (await FindAsync(handle, context.RequestAborted) is { } line)
            await Answers.LineAsync(context, line);
        else if (TryFindEnded(handle, out var kept))
            await Answers.ObjectAsync(context, writer => WriteEnded(writer, handle, kept));
        else
            throw new AdminRefusedException("UNKNOWN_JOB", "the server does not know the job: never given, or ended and forgotten");
    }

    /// <summary>200 with the result, 202 with the state while there is none, 404 when nothing is known. <c>?raw=1</c> answers the bytes.</summary>
    private async Task ResultAsync(HttpContext context)
    {
        var handle = Handle(context);
        if (TryFindEnded(handle, out var kept))
        {
            await (context.Request.Query.ContainsKey("raw") ? RawAsync(context, kept) : WholeAsync(context, handle, kept));
            return;
        }

        var line = await FindAsync(handle, context.RequestAborted)
            ?? throw new AdminRefusedException("UNKNOWN_JOB", "the server knows no result of the job: never given, or its result was not kept");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await Answers.LineAsync(context, line);
    }

    private static Task WholeAsync(HttpContext context, string handle, KeptResult kept)
        => Answers.ObjectAsync(context, writer =>
        {
            WriteEnded(writer, handle, kept);
            if (kept.Data is null)
                writer.WriteBoolean("tooLarge", true);
            else if (Utf8.IsValid(kept.Data))
                writer.WriteString("result", Encoding.UTF8.GetString(kept.Data));
            else
                writer.WriteBase64String("resultBase64", kept.Data);
        });

    private static async Task RawAsync(HttpContext context, KeptResult kept)
    {
        if (kept.Data is null)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status410Gone, "the result was larger than is kept");
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = kept.Data.Length;
        await context.Response.Body.WriteAsync(kept.Data, context.RequestAborted);
    }

    private async Task CancelAsync(HttpContext context)
    {
        await server.LineAsync($"cancel job {Handle(context)}", context.RequestAborted);
        await Answers.NothingAsync(context);
    }

    /// <summary>A job that the machine still knows, as its JSON line.</summary>
    private async Task<string?> FindAsync(string handle, CancellationToken cancellationToken)
    {
        try
        {
            return await server.LineAsync($"show job {handle}", cancellationToken);
        }
        catch (AdminRefusedException refused) when (refused.Code == "UNKNOWN_JOB")
        {
            return null;
        }
    }

    private bool TryFindEnded(string handle, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KeptResult? kept)
    {
        kept = null;
        var colon = handle.LastIndexOf(':');
        return colon >= 0
            && handle.AsSpan(0, colon).SequenceEqual(server.HandlePrefix)
            && ulong.TryParse(handle.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && results.TryGet(new JobId(number), out kept);
    }

    private static void WriteEnded(Utf8JsonWriter writer, string handle, KeptResult kept)
    {
        writer.WriteString("handle", handle);
        writer.WriteString("function", kept.Function);
        writer.WriteString("state", kept.Outcome switch
        {
            JobServerEventKind.JobCompleted => "completed",
            JobServerEventKind.JobCancelled => "cancelled",
            JobServerEventKind.JobBuried => "dead",
            _ => "failed",
        });
        writer.WriteString("endedAt", kept.EndedAt);
        writer.WriteNumber("ranMs", kept.RanMs);
        writer.WriteNumber("resultBytes", kept.LengthBytes);
    }
}
