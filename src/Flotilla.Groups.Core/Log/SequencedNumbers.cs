using System.Collections.Immutable;

namespace Flotilla.Groups.Core.Log;

/// <summary>The last number in the log per member of the view: so that nothing that is submitted again is sequenced twice.</summary>
internal sealed class SequencedNumbers
{
    private ClusterView? _view;
    private ulong[] _last = [];
    private int _found;

    public void Begin(DecidedView decided)
    {
        _view = decided.View;
        _last = [.. decided.Numbers];
        _found = 0;
    }

    public ulong this[int rank]
    {
        get => _last[rank];
        set => _last[rank] = value;
    }

    /// <summary>Rank of a member; -1 when this life of the node is none.</summary>
    public int RankOf(MemberId id)
    {
        if (_view is null)
            return -1;
        if (_found < _view.Members.Length && _view.Members[_found].Id == id)
            return _found;
        for (var rank = 0; rank < _view.Members.Length; rank++)
        {
            if (_view.Members[rank].Id == id)
                return _found = rank;
        }

        return -1;
    }

    public void OnEntry(MemberId sender, ulong number)
    {
        if (RankOf(sender) is >= 0 and var rank && number > _last[rank])
            _last[rank] = number;
    }

    /// <summary>For the members of a view that follows: what is in the log now.</summary>
    public ImmutableArray<ulong> For(ImmutableArray<ClusterMember> members)
        => [.. members.Select(member => RankOf(member.Id) is >= 0 and var rank ? _last[rank] : 0)];
}
