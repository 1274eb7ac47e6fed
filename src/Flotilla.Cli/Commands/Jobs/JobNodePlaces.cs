using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Flotilla.JobServer;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Where a job node listens, as people and programs are told.</summary>
internal static class JobNodePlaces
{
    public static IReadOnlyList<(string Kind, string Text)> Of(JobNode node)
    {
        var listeners = node.Options.JobServer.Listeners;
        return [
            .. node.Server.Endpoints.Select((endpoint, at) => (KindOf(listeners[at]), Describe(endpoint, listeners[at]))),
            .. node.ManagementEndpoints.Select(endpoint => ("management", $"http://{endpoint}")),
        ];
    }

    public static void Write(Utf8JsonWriter writer, IReadOnlyList<(string Kind, string Text)> places)
    {
        foreach (var kind in (string[])["gearman", "gearmanTls", "http", "management"])
        {
            writer.WriteStartArray(kind);
            foreach (var place in places.Where(place => place.Kind == kind))
                writer.WriteStringValue(place.Text);
            writer.WriteEndArray();
        }
    }

    public static void Write(TextWriter output, IReadOnlyList<(string Kind, string Text)> places)
    {
        foreach (var (kind, text) in places)
            output.WriteLine($"  {(kind == "gearmanTls" ? "gearman tls" : kind),-12} {text}");
    }

    private static string KindOf(JobServerListener listener)
        => listener.Protocol == JobServerProtocol.Http ? "http" : listener.Tls is null ? "gearman" : "gearmanTls";

    private static string Describe(EndPoint endpoint, JobServerListener listener)
    {
        var text = endpoint is UnixDomainSocketEndPoint ? $"unix:{endpoint}" : endpoint.ToString()!;
        return listener.Protocol == JobServerProtocol.Http ? $"http://{text}" : text;
    }
}
