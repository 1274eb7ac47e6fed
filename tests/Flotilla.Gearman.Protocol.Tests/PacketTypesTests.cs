namespace Flotilla.Gearman.Protocol.Tests;

public sealed class PacketTypesTests
{
    [Fact]
    public void EveryRowOfTheTableStandsAtItsNumber()
    {
        for (var number = 0U; number <= 42; number++)
            Assert.Equal((PacketType)number, PacketTypes.Info((PacketType)number).Type);
    }

    [Fact]
    public void KnownTypesAreOneToFortyTwo()
    {
        Assert.False(PacketTypes.IsKnown(PacketType.None));
        Assert.All(Enumerable.Range(1, 42), number => Assert.True(PacketTypes.IsKnown((PacketType)number)));
        Assert.False(PacketTypes.IsKnown((PacketType)43));
        Assert.False(PacketTypes.IsKnown((PacketType)uint.MaxValue));
    }

    [Fact]
    public void NamesAreThoseOfTheEnumeration()
    {
        foreach (var type in Enum.GetValues<PacketType>())
            Assert.Equal(type.ToString().ToUpperInvariant(), PacketTypes.Info(type).Name.Replace("_", "", StringComparison.Ordinal));
        Assert.Equal("43", PacketTypes.Name((PacketType)43));
    }

    [Theory]
    [InlineData(PacketType.SubmitJob, true)]
    [InlineData(PacketType.SubmitJobSched, true)]
    [InlineData(PacketType.WorkFail, true)]
    [InlineData(PacketType.EchoReq, true)]
    [InlineData(PacketType.GrabJobAll, true)]
    [InlineData(PacketType.AllYours, false)]
    [InlineData(PacketType.JobCreated, false)]
    [InlineData(PacketType.EchoRes, false)]
    [InlineData((PacketType)5, false)]
    [InlineData((PacketType)43, false)]
    public void AServerAcceptsWhatClientsAndWorkersSend(PacketType type, bool accepted)
        => Assert.Equal(accepted, PacketTypes.ServerAccepts(type));
}
