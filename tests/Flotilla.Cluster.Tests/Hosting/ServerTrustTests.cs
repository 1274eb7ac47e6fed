using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

public sealed class ServerTrustTests
{
    private readonly ServerTrust _trust = new();

    [Fact]
    public void AProcessIsPreparedOnce()
    {
        Prepare(7);
        Assert.True(_trust.IsPrepared(7) && _trust.IsAlone(7));
        Assert.False(_trust.IsPrepared(8) || _trust.IsAlone(8));
    }

    [Fact]
    public void AfterADoubtSessionsAreEndedAgain()
    {
        Prepare(7);
        _trust.Doubt();
        Assert.False(_trust.IsPrepared(7) || _trust.IsAlone(7));
        Prepare(7);
        Assert.True(_trust.IsPrepared(7));
    }

    [Fact]
    public void ADoubtDuringAPreparationIsNotForgotten()
    {
        var doubts = _trust.Doubts;
        _trust.Alone(7, doubts);
        _trust.Doubt();
        _trust.Alone(7, doubts);
        _trust.Prepared(7, doubts);
        Assert.False(_trust.IsPrepared(7) || _trust.IsAlone(7));
    }

    [Fact]
    public void WhatIsMissingIsMadeWithoutEndingSessions()
    {
        Prepare(7);
        _trust.Unprepare();
        Assert.False(_trust.IsPrepared(7));
        Assert.True(_trust.IsAlone(7));
    }

    private void Prepare(long life)
    {
        _trust.Alone(life, _trust.Doubts);
        _trust.Prepared(life, _trust.Doubts);
    }
}
