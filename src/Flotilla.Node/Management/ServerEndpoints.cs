using System.Buffers;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary><c>/health</c>, <c>/metrics</c>, <c>/server</c>, <c>/workers</c>: the server as a whole.</summary>
internal sealed class ServerEndpoints(IManagedJobServer server, Action<IBufferWriter<byte>> writeMetrics)
{
    public void Map(ManagementRoutes routes)
    {
        routes.MapGet("/health", HealthAsync);
        routes.MapGet("/metrics", MetricsAsync);
        routes.MapGet("/server", async context => await Answers.LineAsync(context, await server.LineAsync("show server", context.RequestAborted)));
        routes.MapGet("/workers", WorkersAsync);
    }

    private async Task HealthAsync(HttpContext context)
    {
        var health = await server.CheckHealthAsync(context.RequestAborted);
        context.Response.StatusCode = health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await Answers.ObjectAsync(context, writer =>
        {
            writer.WriteString("status", health.IsHealthy ? "ok" : "failing");
            writer.WriteString("store", health.Store);
            writer.WriteString("loop", health.Loop);
            writer.WriteString("listeners", health.Listeners);
            writer.WriteNumber("uptimeMs", (long)health.Uptime.TotalMilliseconds);
            writer.WriteString("version", server.Version);
        });
    }

    private async Task MetricsAsync(HttpContext context)
    {
        var page = new ArrayBufferWriter<byte>(16 * 1024);
        writeMetrics(page);
        context.Response.ContentType = PrometheusWriter.ContentType;
        context.Response.ContentLength = page.WrittenCount;
        await context.Response.Body.WriteAsync(page.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Connections that registered a function, from the text protocol's list of all.</summary>
    private async Task WorkersAsync(HttpContext context)
    {
        var lines = await server.ListAsync("workers", context.RequestAborted);
        await Answers.ObjectAsync(context, writer =>
        {
            writer.WriteStartArray("workers");
            foreach (var line in lines)
            {
                if (!WorkerRow.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out var row, out _) || row!.Functions.Count == 0)
                    continue;
                writer.WriteStartObject();
                writer.WriteNumber("descriptor", row.Number);
                writer.WriteString("address", row.Address);
                writer.WriteString("id", row.ClientId);
                writer.WriteStartArray("functions");
                foreach (var function in row.Functions)
                    writer.WriteStringValue(function);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }
}
