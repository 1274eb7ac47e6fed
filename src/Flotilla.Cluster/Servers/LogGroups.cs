using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>Follows events of a log and tells when a group, which is a transaction or a statement of its own, is complete.</summary>
internal sealed class LogGroups
{
    /// <summary>Behind <c>BEGIN</c> or <c>XA START ...</c> of a transaction; a statement of its own begins with it.</summary>
    private const string Mark = "GTID ";

    private bool _isTransaction;

    /// <summary>The group that has begun; null between groups.</summary>
    public Gtid? Open { get; private set; }

    /// <summary>Takes the next event; returns the group that it completes.</summary>
    public Gtid? Take(LogEvent next)
    {
        if (next.Type == "Gtid")
        {
            // An id of an XA transaction is shown in hexadecimal digits.
            var mark = next.Info.IndexOf(Mark, StringComparison.Ordinal);
            if (mark < 0)
                throw new FormatException($"'{next.Info}' begins no group");
            _isTransaction = mark > 0;
            Open = Gtid.Parse(next.Info[(mark + Mark.Length)..].Split(' ')[0]);
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
