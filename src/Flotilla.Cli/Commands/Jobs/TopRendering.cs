using System.Globalization;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;
using Spectre.Console;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Looks at servers as a screen, as text and as JSON.</summary>
internal static class TopRendering
{
    private static readonly string[] Rates = ["submitted", "started", "completed", "failed", "retried", "rejected"];

    public static string ToJson(IReadOnlyList<TopLook> looks, IReadOnlyDictionary<GearmanAddress, TopLook> before, TimeProvider clock)
        => JsonText.Object(writer =>
        {
            writer.WriteString("time", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            writer.WriteStartArray("servers");
            foreach (var look in looks)
            {
                writer.WriteStartObject();
                writer.WriteString("server", look.Server.ToString());
                writer.WriteString("error", look.Failure?.Message);
                writer.WritePropertyName("functions");
                var listing = FunctionTable.Create(showServer: false);
                foreach (var function in look.Functions)
                    FunctionTable.Add(listing, look.Server, function);
                writer.WriteRawValue(JsonText.Array(listing));
                writer.WriteStartObject("perSecond");
                foreach (var name in Rates)
                {
                    if (look.Rate(name, before.GetValueOrDefault(look.Server), clock) is { } rate)
                        writer.WriteNumber(name, Math.Round(rate, 1));
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });

    public static string ToText(
        IReadOnlyList<TopLook> looks, IReadOnlyDictionary<GearmanAddress, TopLook> before, TopOrder order, TimeProvider clock)
    {
        var heads = string.Join('\n', looks.Select(look => Head(look, before.GetValueOrDefault(look.Server), clock)));
        var listing = ToListing(looks, order);
        return listing.Rows.Count == 0 ? heads : $"{heads}\n{ListingWriter.Plain(listing)}";
    }

    /// <summary>Drawn for the terminal, with its colours.</summary>
    public static string ToScreen(
        IReadOnlyList<TopLook> looks, IReadOnlyDictionary<GearmanAddress, TopLook> before, TopOrder order, IConsole console)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var drawing = Terminal.Create(console);
        drawing.Profile.Out = new AnsiConsoleOutput(text);
        drawing.Profile.Width = console.Width;
        foreach (var look in looks)
            drawing.Write(new Text(Head(look, before.GetValueOrDefault(look.Server), console.Clock) + "\n", HeadStyle(look)));
        var listing = ToListing(looks, order);
        if (listing.Rows.Count > 0)
            drawing.Write(ListingWriter.ToTable(listing));
        else
            drawing.Write(new Text(listing.EmptyText + "\n"));
        drawing.Write(new Text($"by {order.ToString().ToLowerInvariant()}; q quits, s changes the order\n", new Style(Color.Grey)));
        return text.ToString();
    }

    private static Style HeadStyle(TopLook look)
        => look.Failure is not null ? new Style(Color.Red) : new Style(decoration: Decoration.Bold);

    private static Listing ToListing(IReadOnlyList<TopLook> looks, TopOrder order)
    {
        var listing = FunctionTable.Create(looks.Count > 1);
        var all = looks.SelectMany(look => look.Functions.Select(function => (look.Server, Function: function)));
        var sorted = order switch
        {
            TopOrder.Queued => all.OrderByDescending(one => one.Function.QueuedHigh + one.Function.QueuedNormal + one.Function.QueuedLow),
            TopOrder.Running => all.OrderByDescending(one => one.Function.Running),
            TopOrder.Workers => all.OrderByDescending(one => one.Function.Workers),
            TopOrder.Name => all.OrderBy(_ => 0),
            _ => throw new ArgumentOutOfRangeException(nameof(order)),
        };
        foreach (var (server, function) in sorted.ThenBy(one => one.Function.Name, StringComparer.Ordinal))
            FunctionTable.Add(listing, server, function);
        return listing;
    }

    private static string Head(TopLook look, TopLook? before, TimeProvider clock)
    {
        if (look.Failure is { } failure)
            return $"{look.Server}  {CellText.Printable(failure.Message)}";
        var queued = look.Functions.Sum(one => one.QueuedHigh + one.QueuedNormal + one.QueuedLow);
        var running = look.Functions.Sum(one => one.Running);
        var head = $"{look.Server}  queued {queued}  running {running}";
        if (look.Details is not { } details)
            return head;
        head += $"  connections {details.Connections}  workers {details.Workers}  memory {CellText.FormatBytes(details.MemoryBytes)}"
            + $"  up {CellText.FormatDuration(details.UptimeMs)}";
        var rates = Rates.Select(name => (Name: name, Rate: look.Rate(name, before, clock)))
            .Where(one => one.Rate is not null && (one.Rate > 0 || one.Name is "submitted" or "completed"))
            .Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Rate:0.#}/s"));
        return string.Join("  ", [head, .. rates]) + (details.Draining ? "  draining" : "");
    }
}
