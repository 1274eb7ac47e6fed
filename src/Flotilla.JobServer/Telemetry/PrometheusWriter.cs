using System.Buffers;
using System.Globalization;
using System.Text;

namespace Flotilla.JobServer.Telemetry;

/// <summary>
/// Writes the Prometheus text format, version 0.0.4: a HELP and a TYPE line per metric, then its samples. Label values are escaped
/// (backslash, quote, line feed); names are ours and need no escape.
/// </summary>
public sealed class PrometheusWriter(IBufferWriter<byte> output)
{
    /// <summary>What to say in the answer's Content-Type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private string _metric = "";

    /// <summary>Writes a metric's HELP and TYPE lines; its samples follow.</summary>
    /// <param name="metric">The metric whose samples follow.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
    /// <param name="help">One line that says what it counts and in which unit.</param>
    public void Begin(string metric, string type, string help)
    {
        _metric = metric;
        Append($"# HELP {metric} {help}\n# TYPE {metric} {type}\n");
    }

    public void Sample(long value, string? label = null, string? labelValue = null, string? secondLabel = null, string? secondValue = null)
        => Sample("", value.ToString(CultureInfo.InvariantCulture), label, labelValue, secondLabel, secondValue);

    public void Sample(double value, string? label = null, string? labelValue = null)
        => Sample("", Number(value), label, labelValue, null, null);

    /// <summary>A histogram's samples; <paramref name="unitsPerOne"/> converts its bounds to the exposed unit (1000 from ms to s).</summary>
    public void Histogram(LatencyHistogram histogram, double unitsPerOne, string? label = null, string? labelValue = null)
    {
        long total = 0;
        var buckets = histogram.Buckets;
        for (var i = 0; i < buckets.Length; i++)
        {
            total += Volatile.Read(in buckets[i]);
            var bound = i < histogram.UpperBounds.Length ? Number(histogram.UpperBounds[i] / unitsPerOne) : "+Inf";
            Sample("_bucket", total.ToString(CultureInfo.InvariantCulture), label, labelValue, "le", bound);
        }

        Sample("_sum", Number(histogram.Sum / unitsPerOne), label, labelValue, null, null);
        Sample("_count", total.ToString(CultureInfo.InvariantCulture), label, labelValue, null, null);
    }

    private void Sample(string suffix, string value, string? label, string? labelValue, string? secondLabel, string? secondValue)
    {
        Append(_metric);
        Append(suffix);
        if (label is not null || secondLabel is not null)
        {
            Append("{");
            Label(label, labelValue);
            if (label is not null && secondLabel is not null)
                Append(",");
            Label(secondLabel, secondValue);
            Append("}");
        }

        Append(" ");
        Append(value);
        Append("\n");
    }

    private void Label(string? name, string? value)
    {
        if (name is null)
            return;
        Append(name);
        Append("=\"");
        Append(Escape(value ?? ""));
        Append("\"");
    }

    private static string Escape(string value)
        => value.AsSpan().ContainsAny('\\', '"', '\n')
            ? value.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)
            : value;

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void Append(string text) => Encoding.UTF8.GetBytes(text, output);
}
