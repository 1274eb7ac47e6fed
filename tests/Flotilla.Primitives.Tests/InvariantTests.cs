namespace Flotilla.Primitives.Tests;

public sealed class InvariantTests
{
    [Fact]
    public void AViolationNamesTheConditionAndTheLineButNoFolder()
    {
        var two = 2;
        var violation = Assert.Throws<InvariantViolationException>(() => Invariant.Require(two + two == 5));
        Assert.Matches(@"^two \+ two == 5 does not hold \(InvariantTests\.cs:\d+\)$", violation.Message);
    }

    [Fact]
    public void WhatHoldsIsSilent() => Invariant.Require(2 + 2 == 4);
}
