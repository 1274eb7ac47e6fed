
namespace Flotilla.Node.Management;

/// <summary>
/// The page for people: four files inside this assembly, nothing from elsewhere. It shows what the REST interface answers, so it holds no
/// data itself and needs no secret to be loaded.
/// </summary>
internal sealed class StatusPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public void Map(ManagementRoutes routes)
    {
        Map(routes, "/", "page.html", "text/html; charset=utf-8");
        Map(routes, "/page.css", "page.css", "text/css; charset=utf-8");
        Map(routes, "/page.js", "page.js", "text/javascript; charset=utf-8");
        Map(routes, "/cluster.js", "cluster.js", "text/javascript; charset=utf-8");
    }

    private static void Map(ManagementRoutes routes, string path, string file, string type)
    {
        using var stream = typeof(StatusPage).Assembly.GetManifestResourceStream($"Flotilla.Node.Management.Page.{file}")
            ?? throw new InvalidOperationException($"{file} is not in the assembly");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        routes.MapGet(path, async context =>
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            context.Response.Headers.ContentSecurityPolicy = Policy;
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        });
    }
}
