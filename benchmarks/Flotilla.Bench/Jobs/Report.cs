using System.Globalization;
using System.Text.Json;

namespace Flotilla.Bench.Jobs;

/// <summary>The figures as a table for people and as JSON for programs.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static void Write(IReadOnlyList<Figure> figures, JobsBenchOptions options)
    {
        if (options.Json is { } path)
        {
            var text = JsonSerializer.Serialize(
                new
                {
                    processors = Environment.ProcessorCount,
                    options.Runs,
                    quick = options.IsQuick,
                    figures = figures.Select(figure => new
                    {
                        figure.Case,
                        figure.Name,
                        figure.Gearmand,
                        figure.Flotilla,
                        figure.Ratio,
                        Target = figure.Target?.ToString(),
                        Met = figure.Target is null ? (bool?)null : figure.IsMet,
                    }),
                },
                Json);
            if (path is "-")
            {
                Console.WriteLine(text);
                return;
            }

            File.WriteAllText(path, text + "\n");
        }

        WriteTable(figures, options);
    }

    private static void WriteTable(IReadOnlyList<Figure> figures, JobsBenchOptions options)
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors, shared by the servers and the load generator; median of {options.Runs}");
        Console.WriteLine("| case | figure | gearmand | flotilla | ratio | target | met |");
        Console.WriteLine("|---|---|--:|--:|--:|---|---|");
        foreach (var figure in figures)
        {
            string[] cells =
            [
                figure.Case, figure.Name, Number(figure.Gearmand), Number(figure.Flotilla),
                figure.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
                figure.Target?.ToString() ?? "", figure.Target is null ? "" : figure.IsMet ? "yes" : "NO",
            ];
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
