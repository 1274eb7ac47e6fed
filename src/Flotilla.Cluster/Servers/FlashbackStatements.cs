using System.Text;

namespace Flotilla.Cluster.Servers;

/// <summary>Takes the statements that change rows out of what <c>mariadb-binlog --flashback</c> prints; their transactions are left out, because all of them become one.</summary>
internal static class FlashbackStatements
{
    private const string Begin = "BINLOG '";
    private const string End = "'/*!*/;";

    public static async Task<List<string>> ReadAsync(TextReader text, CancellationToken cancellationToken)
    {
        var statements = new List<string>();
        StringBuilder? statement = null;
        while (await text.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == Begin)
                statement = new StringBuilder(Begin).Append('\n');
            else if (statement is not null && line == End)
            {
                statements.Add(statement.Append('\'').ToString());
                statement = null;
            }
            else
                statement?.Append(line).Append('\n');
        }

        return statements;
    }
}
