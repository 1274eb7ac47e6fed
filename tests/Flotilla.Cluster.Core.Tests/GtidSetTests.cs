namespace Flotilla.Cluster.Core.Tests;

public sealed class GtidSetTests
{
    private const string A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    private const string B = "3e11fa47-71ca-11e1-9e33-c80aa9429563";

    [Theory]
    [InlineData(A + ":1-5", A + ":1-5", PositionOrder.Equal)]
    [InlineData(A + ":1-5", A + ":1-3:4-5", PositionOrder.Equal)]
    [InlineData(A + ":1-6", A + ":1-5", PositionOrder.After)]
    [InlineData(A + ":1-5", A + ":1-5," + B + ":1", PositionOrder.Before)]
    [InlineData(A + ":1-5:7", A + ":1-6", PositionOrder.Diverged)]
    [InlineData(A + ":1-5", B + ":1-5", PositionOrder.Diverged)]
    [InlineData("", A + ":1", PositionOrder.Before)]
    public void SetsAreComparedByWhatIsInThem(string mine, string other, PositionOrder order)
        => Assert.Equal(order, GtidSet.Parse(mine).CompareTo(GtidSet.Parse(other)));

    [Fact]
    public void IntervalsThatTouchAreOne() => Assert.Equal($"{A}:1-9", GtidSet.Parse($"{A}:6-9:1-5").ToString());

    [Fact]
    public void ATagIsPartOfTheSource() => Assert.Equal(PositionOrder.Diverged, GtidSet.Parse($"{A}:tag:1-5").CompareTo(GtidSet.Parse($"{A}:1-5")));

    [Fact]
    public void TwoSetsTogetherHaveWhatEitherHas()
        => Assert.Equal(GtidSet.Parse($"{A}:1-9,{B}:1"), ReplicationPosition.Parse($"{A}:1-5").Join(ReplicationPosition.Parse($"{A}:5-9,{B}:1")));

    [Theory]
    [InlineData("x:1-5")]
    [InlineData(A + ":0-5")]
    [InlineData(A + ":5-1")]
    [InlineData(A + ":1-2-3")]
    [InlineData(A + ":")]
    [InlineData(A + ":99999999999999999999")]
    public void WhatIsNoSetIsRefused(string text) => Assert.Throws<FormatException>(() => GtidSet.Parse(text));

    [Fact]
    public void PositionsOfTwoKindsHaveNothingInCommon()
    {
        Assert.Equal(PositionOrder.Diverged, ReplicationPosition.Parse("0-1-5").CompareTo(ReplicationPosition.Parse($"{A}:1")));
        Assert.Null(ReplicationPosition.Parse("0-1-5").Join(ReplicationPosition.Parse($"{A}:1")));
        Assert.True(ReplicationPosition.Parse($"{A}:1").Contains(GtidPosition.Empty));
    }

    [Theory]
    [InlineData("0-1-5", "0-1-7,1-1-1", "0-1-7,1-1-1")]
    [InlineData("0-1-5,2-1-3", "0-1-7", "0-1-7,2-1-3")]
    [InlineData("0-1-5", "0-2-5", null)]
    public void PositionsAreJoinedDomainByDomain(string mine, string other, string? together)
        => Assert.Equal(together, GtidPosition.Parse(mine).Join(GtidPosition.Parse(other))?.ToString());
}
