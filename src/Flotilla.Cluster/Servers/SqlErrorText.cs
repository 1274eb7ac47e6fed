namespace Flotilla.Cluster.Servers;

/// <summary>A server's words without the data in them: what keeps a replica from applying is shown to everybody, as in <c>flotilla.members</c>. The server and its log have all of it.</summary>
internal static class SqlErrorText
{
    private const string Query = "Query: ";
    private static readonly string[] Starts = ["entry '", "value: '"];
    private static readonly string[] Ends = ["' for key ", "' for column "];

    public static string WithoutData(string text)
    {
        var query = text.IndexOf(Query, StringComparison.Ordinal);
        if (query >= 0)
            text = text[..(query + Query.Length)] + "...";
        foreach (var start in Starts)
        {
            var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
            if (from < start.Length)
                continue;
            // Data may hold quotes: rather too much is left out than too little.
            var to = Ends.Max(end => text.LastIndexOf(end, StringComparison.Ordinal));
            to = to < from ? text.LastIndexOf('\'') : to;
            if (to > from)
                text = string.Concat(text.AsSpan(0, from), "...", text.AsSpan(to));
        }

        return text;
    }
}
