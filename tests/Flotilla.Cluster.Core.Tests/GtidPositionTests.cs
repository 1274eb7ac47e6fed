namespace Flotilla.Cluster.Core.Tests;

public sealed class GtidPositionTests
{
    [Theory]
    [InlineData("", "", PositionOrder.Equal)]
    [InlineData("0-1-5", "0-1-5", PositionOrder.Equal)]
    [InlineData("0-1-5", "", PositionOrder.After)]
    [InlineData("", "0-1-5", PositionOrder.Before)]
    [InlineData("0-2-6", "0-1-5", PositionOrder.After)]
    [InlineData("0-1-5,1-1-9", "0-1-5", PositionOrder.After)]
    [InlineData("0-1-5,1-1-9", "0-1-6", PositionOrder.Diverged)]
    [InlineData("0-1-9", "0-2-9", PositionOrder.Diverged)]
    [InlineData("0-1-9,1-1-1", "0-2-9", PositionOrder.Diverged)]
    public void PositionsAreComparedDomainByDomain(string mine, string other, PositionOrder order)
        => Assert.Equal(order, GtidPosition.Parse(mine).CompareTo(GtidPosition.Parse(other)));

    [Fact]
    public void APositionIsWrittenInTheOrderOfItsDomains() => Assert.Equal("0-1-5,7-3-2", GtidPosition.Parse(" 7-3-2, 0-1-5").ToString());

    [Fact]
    public void APositionGoesOn() => Assert.Equal("0-2-6,7-3-2", GtidPosition.Parse("7-3-2,0-1-5").With(new Gtid(0, 2, 6)).ToString());

    [Theory]
    [InlineData("0-1")]
    [InlineData("0-1-x")]
    [InlineData("-1-2-3")]
    [InlineData("0-1-5,0-1-6")]
    [InlineData("0-1-5,,")]
    [InlineData("4294967296-1-1")]
    public void WhatIsNoPositionIsRefused(string text) => Assert.Throws<FormatException>(() => GtidPosition.Parse(text));
}
