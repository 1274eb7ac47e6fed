using System.Collections.Immutable;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>What a view change decides: the view, and per member the last number that was sequenced for it before the view starts.</summary>
internal sealed class DecidedView
{
    public DecidedView(ClusterView view, ImmutableArray<ulong> numbers)
    {
        Invariant.Require(view.Members.Length == numbers.Length && view.StartSequence >= 1 && view.Epoch >= 1);
        View = view;
        Numbers = numbers;
    }

    public ClusterView View { get; }

    public ImmutableArray<ulong> Numbers { get; }

    public ulong Epoch => View.Epoch;

    /// <summary>The last sequence of the epochs before.</summary>
    public ulong Cut => View.StartSequence - 1;
}
