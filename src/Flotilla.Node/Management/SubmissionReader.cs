using System.Globalization;
using System.Text;
using System.Text.Json;
using Flotilla.JobServer.Core;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>
/// Reads a job from a request: from an object when its type is JSON (<c>workload</c> or <c>workloadBase64</c>, <c>unique</c>,
/// <c>priority</c>, <c>delayMs</c>, <c>schedule</c>), else the body is the workload and the rest stands in the query.
/// </summary>
internal static class SubmissionReader
{
    private static readonly string[] Known = ["workload", "workloadBase64", "unique", "priority", "delayMs", "schedule"];

    public static async Task<JobSubmission> ReadAsync(HttpRequest request, string function)
    {
        if (function.Length == 0)
            throw new BadRequestException("no function is named");
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true)
        {
            using var body = await ReadJsonAsync(request);
            return FromJson(body.RootElement, function);
        }

        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        return Build(function, bytes.ToArray(), name => request.Query.TryGetValue(name, out var value) ? value.ToString() : null);
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request)
    {
        try
        {
            var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
            return body.RootElement.ValueKind == JsonValueKind.Object ? body : throw new BadRequestException("the body must be a JSON object");
        }
        catch (JsonException wrong)
        {
            throw new BadRequestException($"the body is no JSON: {wrong.Message}");
        }
    }

    private static JobSubmission FromJson(JsonElement body, string function)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!Known.Contains(property.Name, StringComparer.Ordinal))
                throw new BadRequestException($"unknown name, known are {string.Join(", ", Known)}");
        }

        var text = Text(body, "workload");
        var base64 = Text(body, "workloadBase64");
        if (text is not null && base64 is not null)
            throw new BadRequestException("workload and workloadBase64 exclude each other");
        return Build(function, base64 is null ? Encoding.UTF8.GetBytes(text ?? "") : FromBase64(base64), name => Text(body, name));
    }

    private static JobSubmission Build(string function, byte[] workload, Func<string, string?> find)
    {
        var delay = find("delayMs");
        var delayMs = 0L;
        if (delay is not null && (!long.TryParse(delay, NumberStyles.None, CultureInfo.InvariantCulture, out delayMs) || delayMs > 3_153_600_000_000))
            throw new BadRequestException("delayMs must be a number of milliseconds, at most 100 years");
        return new JobSubmission
        {
            Function = function,
            Workload = workload,
            Unique = find("unique") ?? "",
            Priority = Priority(find("priority")),
            Due = delay is null ? null : TimeProvider.System.GetUtcNow().AddMilliseconds(delayMs),
            Schedule = find("schedule"),
        };
    }

    private static JobPriority Priority(string? text) => text switch
    {
        null or "normal" => JobPriority.Normal,
        "high" => JobPriority.High,
        "low" => JobPriority.Low,
        _ => throw new BadRequestException("priority must be high, normal or low"),
    };

    private static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String || (name == "delayMs" && value.ValueKind == JsonValueKind.Number)
            ? value.ToString()
            : throw new BadRequestException($"{name} must be a JSON string{(name == "delayMs" ? " or number" : name == "workload" ? "; give JSON as its text" : "")}");
    }

    private static byte[] FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw new BadRequestException("workloadBase64 is no base64");
        }
    }
}
