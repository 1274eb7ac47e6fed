using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>
/// Who answers what. A pattern is a path whose segments in braces stand for one segment of any text, which the answering finds under that
/// name in <see cref="HttpRequest.RouteValues"/>. No two patterns of one method fit the same path.
/// </summary>
internal sealed class ManagementRoutes
{
    private readonly List<(string Method, string[] Pattern, RequestDelegate Answer)> _routes = [];

    public void MapGet(string pattern, RequestDelegate answer) => Map(HttpMethods.Get, pattern, answer);

    public void MapPost(string pattern, RequestDelegate answer) => Map(HttpMethods.Post, pattern, answer);

    public void MapPut(string pattern, RequestDelegate answer) => Map(HttpMethods.Put, pattern, answer);

    public void MapDelete(string pattern, RequestDelegate answer) => Map(HttpMethods.Delete, pattern, answer);

    public Task AnswerAsync(HttpContext context)
    {
        var path = Segments(context.Request.Path.Value ?? "");
        var fitting = _routes.Where(route => Fits(route.Pattern, path)).ToList();
        if (fitting.Count == 0)
            return Answers.ProblemAsync(context, StatusCodes.Status404NotFound, "there is nothing at this path");
        var (_, pattern, answer) = fitting.Find(route => HttpMethods.Equals(route.Method, context.Request.Method));
        if (answer is null)
        {
            var allowed = string.Join(", ", fitting.Select(route => route.Method));
            context.Response.Headers.Allow = allowed;
            return Answers.ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, $"{context.Request.Method} does nothing here, {allowed} does");
        }

        foreach (var (segment, value) in pattern.Zip(path).Where(pair => IsName(pair.First)))
            context.Request.RouteValues[segment[1..^1]] = value;
        return answer(context);
    }

    private void Map(string method, string pattern, RequestDelegate answer) => _routes.Add((method, Segments(pattern), answer));

    /// <summary>A slash at the end says nothing.</summary>
    private static string[] Segments(string path) => path.Length > 1 ? (path[^1] == '/' ? path[1..^1] : path[1..]).Split('/') : [];

    private static bool Fits(string[] pattern, string[] path)
        => pattern.Length == path.Length
            && pattern.Zip(path).All(pair => IsName(pair.First) ? pair.Second.Length > 0 : string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));

    private static bool IsName(string segment) => segment.StartsWith('{');
}
