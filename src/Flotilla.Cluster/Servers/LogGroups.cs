using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>Follows events of a log and tells when a group, which is a transaction or a statement of its own, is complete.</summary>
internal sealed class LogGroups
{
    private const string Transaction = "BEGIN GTID ";
    private const string Statement = "GTID ";
    private bool _isTransaction;

    /// <summary>The group that has begun; null between groups.</summary>
    public Gtid? Open { get; private set; }

    /// <summary>Takes the next event; returns the group that it completes.</summary>
    public Gtid? Take(LogEvent next)
    {
        if (next.Type == "Gtid")
        {
            _isTransaction = next.Info.StartsWith(Transaction, StringComparison.Ordinal);
            Open = Gtid.Parse(next.Info[(_isTransaction ? Transaction : Statement).Length..].Split(' ')[0]);
            return null;
        }

        if (!Completes(next))
            return null;
        var completed = Open;
        Open = null;
        return completed;
    }

    private bool Completes(LogEvent next) => next.Type switch
    {
        "Xid" or "XA_prepare" or "XA_prepare_log_event" => true,
        "Query" or "Query_compressed" => !_isTransaction || next.Info is "COMMIT" or "ROLLBACK",
        _ => false,
    };
}
