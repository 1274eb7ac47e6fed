using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>What the server has told about the session, with servers that track it (MySQL 5.7, MariaDB 10.2 and later).</summary>
public sealed class MySqlSession
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The current schema as last reported; null where never reported.</summary>
    public string? Schema { get; private set; }

    /// <summary>GTIDs of the transactions last committed here (MySQL, with session_track_gtids).</summary>
    public string? Gtids { get; private set; }

    /// <summary>As session_track_transaction_info reports it.</summary>
    public string? TransactionState { get; private set; }

    /// <summary>The statements that would start an equal transaction.</summary>
    public string? TransactionCharacteristics { get; private set; }

    /// <summary>System variables as last reported (session_track_system_variables says which).</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    internal void Apply(ReadOnlySpan<byte> changes)
    {
        foreach (var change in SessionChange.ParseAll(changes))
        {
            switch (change.Kind)
            {
                case SessionChangeKind.SystemVariable:
                    _variables[change.Name] = change.Value;
                    break;
                case SessionChangeKind.Schema:
                    Schema = change.Value;
                    break;
                case SessionChangeKind.Gtids:
                    Gtids = change.Value;
                    break;
                case SessionChangeKind.TransactionState:
                    TransactionState = change.Value;
                    break;
                case SessionChangeKind.TransactionCharacteristics:
                    TransactionCharacteristics = change.Value;
                    break;
                case SessionChangeKind.StateChanged:
                default:
                    break;
            }
        }
    }
}
