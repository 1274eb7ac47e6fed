
namespace Flotilla.Groups.Core.Tests;

public sealed class BallotTests
{
    [Fact]
    public void BallotsAreOrderedByEpochThenRoundThenProposer()
    {
        Ballot[] ordered = [new(1, 9, new NodeId(9)), new(2, 1, new NodeId(9)), new(2, 2, new NodeId(1)), new(2, 2, new NodeId(3))];
        Assert.Equal(ordered, ordered.Reverse().Order());
    }
}
