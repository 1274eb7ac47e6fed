namespace Flotilla.Groups.Core.Layer;

/// <summary>Questions delivered here, and this node's answers until they are acknowledged.</summary>
internal sealed class Replies(GroupLayer layer)
{
    /// <summary>Between two attempts at most.</summary>
    private const long MaxRetryNs = 2_000_000_000;

    private readonly SortedDictionary<ulong, Question> _open = [];
    private readonly List<UnacknowledgedReply> _sent = [];
    private long _sentBytes;

    private readonly record struct Question(MemberId Asker, ulong Id);

    /// <summary>A question to be answered under the correlation.</summary>
    public ulong Open(MemberId asker, ulong id)
    {
        // An application that never answers loses its oldest questions; who asked has long timed out.
        if (_open.Count >= LayerLimits.MaxReplies * 10)
            _open.Remove(_open.First().Key);
        var correlation = layer.NextCorrelation();
        _open.Add(correlation, new Question(asker, id));
        return correlation;
    }

    /// <summary>False when nobody waits under that correlation.</summary>
    public bool Answer(ulong correlation, CommandResult result, ReadOnlySpan<byte> body)
    {
        if (!_open.Remove(correlation, out var question))
            return false;
        if (question.Asker == layer.Log.Self)
        {
            layer.Queries.TakeReply(question.Asker.Node, question.Id, result, body);
            return true;
        }

        while (_sent.Count >= LayerLimits.MaxReplies || (_sent.Count > 0 && _sentBytes + body.Length > LayerLimits.MaxReplyBytes))
            Forget(_sent[0]);
        var reply = new UnacknowledgedReply(question.Asker, question.Id, result, body.ToArray(), layer.Context.NowNs);
        _sent.Add(reply);
        _sentBytes += reply.Body.Length;
        Send(reply);
        return true;
    }

    public void Taken(NodeId from, in DirectFrame frame)
    {
        var (incarnation, id) = (frame.Incarnation, frame.Id);
        if (_sent.Find(reply => reply.Id == id && reply.To == new MemberId(from, incarnation)) is { } reply)
            Forget(reply);
    }

    /// <summary>Who is gone needs no answer.</summary>
    public void OnView()
    {
        ulong[] orphans = [.. _open.Where(each => !layer.Tables.IsInView(each.Value.Asker)).Select(each => each.Key)];
        foreach (var orphan in orphans)
            _open.Remove(orphan);
        ForgetAll(reply => !layer.Tables.IsInView(reply.To));
    }

    public void Tick()
    {
        var now = layer.Context.NowNs;
        ForgetAll(reply => reply.ForgetAtNs <= now);
        foreach (var reply in _sent)
        {
            if (reply.AgainAtNs > now)
                continue;
            reply.RetryNs = Math.Min(reply.RetryNs * 2, MaxRetryNs);
            reply.AgainAtNs = now + reply.RetryNs;
            Send(reply);
        }
    }

    public void EndAll()
    {
        _open.Clear();
        _sent.Clear();
        _sentBytes = 0;
    }

    private void ForgetAll(Predicate<UnacknowledgedReply> which)
    {
        for (var i = _sent.Count - 1; i >= 0; i--)
        {
            if (which(_sent[i]))
                Forget(_sent[i]);
        }
    }

    private void Forget(UnacknowledgedReply reply)
    {
        _sent.Remove(reply);
        _sentBytes -= reply.Body.Length;
    }

    private void Send(UnacknowledgedReply reply) => layer.SendDirect(reply.To.Node, new DirectFrame
    {
        Kind = DirectFrameKind.Reply,
        Incarnation = reply.To.Incarnation,
        Id = reply.Id,
        Result = reply.Result,
        Payload = reply.Body,
    });
}
