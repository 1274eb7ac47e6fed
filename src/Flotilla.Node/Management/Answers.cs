using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>Writes answers: JSON objects, lists of the JSON lines that the machine writes, and problems as <c>{"error": ...}</c>.</summary>
internal static class Answers
{
    public static Task ProblemAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return ObjectAsync(context, writer => writer.WriteString("error", why));
    }

    /// <summary>The job server's own refusal; programs find its code beside the words.</summary>
    public static Task RefusalAsync(HttpContext context, int status, AdminRefusedException refused)
    {
        context.Response.StatusCode = status;
        return ObjectAsync(context, writer =>
        {
            writer.WriteString("error", refused.Message);
            if (refused.HasCode)
                writer.WriteString("code", refused.Code);
        });
    }

    public static async Task ObjectAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await JsonAsync(context, bytes.ToArray());
    }

    /// <summary>One JSON line as the answer.</summary>
    public static Task LineAsync(HttpContext context, string line) => JsonAsync(context, Encoding.UTF8.GetBytes(line));

    /// <summary>JSON lines as one array.</summary>
    public static Task ListAsync(HttpContext context, IEnumerable<string> lines)
        => JsonAsync(context, Encoding.UTF8.GetBytes($"[{string.Join(',', lines)}]"));

    public static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task JsonAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
