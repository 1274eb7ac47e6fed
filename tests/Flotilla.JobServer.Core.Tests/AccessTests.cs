using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Who may do what.</summary>
public sealed class AccessTests
{
    private static readonly ConnectionInfo Stranger = new("10.0.0.9", 9, IsTrusted: false);
    private readonly Rig _rig = new(options => options with { SecretHash = JobMachineOptions.HashSecret("open sesame") });

    [Fact]
    public void AStrangerMayOnlyEcho()
    {
        var peer = _rig.Connect(Stranger);
        Assert.Equal("EchoRes hi", peer.Ask(PacketType.EchoReq, "hi"));
        foreach (var type in new[] { PacketType.SubmitJob, PacketType.CanDo, PacketType.GrabJob, PacketType.GetStatus, PacketType.PreSleep })
            Assert.Equal("Error NOT_AUTHORIZED|Authentication required", peer.Ask(type, "a", "b", "c"));
        Assert.Equal("Error NOT_AUTHORIZED|Authentication required", peer.Ask(PacketType.OptionReq, "exceptions"));
        Assert.Equal("ERR NOT_AUTHORIZED Authentication+required\r\n", peer.Ask("status"));
        Assert.Empty(_rig.Effects.Closed);
    }

    [Fact]
    public void TheSecretOpensByPacketAndByText()
    {
        var binary = _rig.Connect(Stranger);
        Assert.Equal("OptionRes auth", binary.Ask(PacketType.OptionReq, "auth:open sesame"));
        binary.Submit(PacketType.SubmitJobBg, "f", "", "x");
        var text = _rig.Connect(Stranger);
        Assert.Equal("OK\r\n", text.Ask("auth open sesame"));
        Assert.Equal("OK 9.9\n", text.Ask("version"));
    }

    [Fact]
    public void AWrongSecretEndsTheConnection()
    {
        var binary = _rig.Connect(Stranger);
        Assert.Equal("Error NOT_AUTHORIZED|Wrong secret", binary.Ask(PacketType.OptionReq, "auth:guess"));
        var text = _rig.Connect(Stranger);
        Assert.StartsWith("ERR NOT_AUTHORIZED", text.Ask("auth guess"), StringComparison.Ordinal);
        Assert.Equal([CloseReason.NotAuthorized, CloseReason.NotAuthorized], _rig.Effects.Closed.Select(closed => closed.Reason));
        Assert.DoesNotContain(_rig.Effects.Events, happened => happened.Detail?.Contains("guess", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void WithoutASecretNoStrangerGetsIn()
    {
        var rig = new Rig();
        Assert.Equal("Error NOT_AUTHORIZED|Wrong secret", rig.Connect(Stranger).Ask(PacketType.OptionReq, "auth:"));
    }

    [Fact]
    public void TheFirstRuleThatMatchesDecides()
    {
        var rig = new Rig(options => options with
        {
            AccessRules =
            [
                new AccessRule("billing-*", "invoice.*", AccessRights.Submit | AccessRights.Work),
                new AccessRule("billing-?", "*", AccessRights.None),
                new AccessRule("ops", "*", AccessRights.All),
                new AccessRule("local", "*", AccessRights.Submit),
            ],
        });
        var billing = rig.Connect(new ConnectionInfo("10.0.0.1", 1, "billing-1"));
        billing.Submit(PacketType.SubmitJobBg, "invoice.print", "", "x");
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", billing.Ask(PacketType.SubmitJobBg, "other", "", "x"));
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", billing.Ask(PacketType.SubmitJobSched, "other", "", "", "", "", "", "", "x"));
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", billing.Ask(PacketType.CanDo, "other"));
        billing.CanDo("invoice.print");
        Assert.NotNull(billing.Grab());
        Assert.Equal("ERR NOT_AUTHORIZED Not+allowed+by+the+access+rules\r\n", billing.Ask("status"));
        Assert.Equal("ERR NOT_AUTHORIZED Not+allowed+by+the+access+rules\r\n", billing.Ask("cancel job H:t:1"));

        var local = rig.Connect();
        local.Submit(PacketType.SubmitJobBg, "f", "", "x");
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", local.Ask(PacketType.CanDo, "f"));
        var ops = rig.Connect(new ConnectionInfo("10.0.0.2", 2, "ops"));
        Assert.Equal("OK 9.9\n", ops.Ask("version"));
        Assert.Equal("StatusRes H:t:1|1|1|0|0", ops.Ask(PacketType.GetStatus, "H:t:1"));
        var nobody = rig.Connect(new ConnectionInfo("10.0.0.3", 3, "stranger"));
        Assert.Equal("StatusRes H:t:1|0|0|0|0", nobody.Ask(PacketType.GetStatus, "H:t:1"));
    }

    [Fact]
    public void AStrangerThatGoesOnAskingIsReportedOnce()
    {
        var binary = _rig.Connect(Stranger);
        var text = _rig.Connect(Stranger);
        for (var i = 0; i < 100; i++)
        {
            binary.Send(PacketType.SubmitJob, "a", "b", "c");
            text.Say("status");
        }

        Assert.Equal(2, _rig.Effects.Events.Count(happened => happened.Kind == JobServerEventKind.AccessDenied));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("secret")]
    public void ACertificateCannotTakeTheRulesOfThoseWithoutOne(string name)
    {
        var rig = new Rig(options => options with
        {
            AccessRules = [new AccessRule("local", "*", AccessRights.All), new AccessRule("secret", "*", AccessRights.All)],
        });
        var impostor = rig.Connect(new ConnectionInfo("10.0.0.1", 1, name));
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", impostor.Ask(PacketType.SubmitJobBg, "f", "", "x"));
        rig.Connect().Submit(PacketType.SubmitJobBg, "f", "", "x");
    }

    [Fact]
    public void ACertificateWithAReservedNameHasARuleOfItsOwn()
    {
        var rig = new Rig(options => options with { AccessRules = [new AccessRule("cn:local", "*", AccessRights.All)] });
        rig.Connect(new ConnectionInfo("10.0.0.1", 1, "local")).Submit(PacketType.SubmitJobBg, "f", "", "x");
        var other = rig.Connect(new ConnectionInfo("10.0.0.2", 2, "cn:local"));
        Assert.Equal("Error NOT_AUTHORIZED|Not allowed by the access rules", other.Ask(PacketType.SubmitJobBg, "f", "", "x"));
    }
}
