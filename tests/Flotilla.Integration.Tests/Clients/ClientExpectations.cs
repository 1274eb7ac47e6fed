using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Clients;

/// <summary>
/// What each item prints and leaves in the worker's record. `limits.txt` has what a client cannot do, whatever the server:
/// language | item | output | record | reason, lines joined by commas.
/// </summary>
internal static class ClientExpectations
{
    private static readonly Dictionary<string, (string Output, string Record)> Common = new(StringComparer.Ordinal)
    {
        ["foreground"] = ("complete olleh,bytes 620061", ""),
        ["background"] = ("handle", "one"),
        ["priorities"] = ("submitted", "high,normal,low"),
        ["unique"] = ("same different", "first,other"),
        ["status"] = ("known running 3/7,unknown,status 3/7,complete done", ""),
        ["data"] = ("data one,data two,complete three", ""),
        ["warning"] = ("warning careful,complete done", ""),
        ["exception"] = ("exception boom", ""),
        ["fail"] = ("fail", ""),
        ["timeout"] = ("timed out,complete in time", ""),
        ["reconnect"] = ("complete olleh,complete niaga", ""),
        ["two-servers"] = ("complete olleh,complete niaga", ""),
    };

    private static readonly Lazy<Dictionary<(string Language, string Item), (string Output, string Record)>> Limits = new(Load);

    public static IEnumerable<string> Items => Common.Keys;

    public static (string[] Output, string[] Record) Of(string language, string item)
    {
        var (output, record) = Limits.Value.GetValueOrDefault((language, item), Common[item]);
        return (Lines(output), Lines(record));
    }

    private static string[] Lines(string joined) => joined.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<(string Language, string Item), (string Output, string Record)> Load() =>
        File.ReadLines(Repository.Combine("tests", "Flotilla.Integration.Tests", "Clients", "limits.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split('|', 5, StringSplitOptions.TrimEntries))
            .ToDictionary(cells => (cells[0], cells[1]), cells => (cells[2], cells[3]));
}
