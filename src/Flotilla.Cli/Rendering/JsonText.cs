using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Flotilla.Cli.Rendering;

/// <summary>JSON for programs: one line per document, names in camelCase, bare values.</summary>
internal static class JsonText
{
    /// <summary>Terminals don't read HTML: letters beyond ASCII stay themselves.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Array(Listing listing) => Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var row in listing.Rows)
            WriteRow(writer, listing, row);
        writer.WriteEndArray();
    });

    public static string Object(Action<Utf8JsonWriter> fill) => Write(writer =>
    {
        writer.WriteStartObject();
        fill(writer);
        writer.WriteEndObject();
    });

    /// <summary>Bytes as <paramref name="name"/> when they are UTF-8 text, otherwise as <c>nameBase64</c>.</summary>
    public static void WriteBytes(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            writer.WriteString(name, Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            writer.WriteBase64String(name + "Base64", bytes);
        }
    }

    private static void WriteRow(Utf8JsonWriter writer, Listing listing, object?[] row)
    {
        writer.WriteStartObject();
        for (var at = 0; at < row.Length; at++)
        {
            writer.WritePropertyName(listing.Columns[at].JsonName);
            WriteValue(writer, row[at]);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(Math.Round(number, 3));
                break;
            case IReadOnlyList<string> list:
                writer.WriteStartArray();
                foreach (var text in list)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no cell value", nameof(value));
        }
    }

    private static string Write(Action<Utf8JsonWriter> fill)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            fill(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
