namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>The bytes of the log's frames, as docs/protocols/groups-log.md has them: written down from there, not taken from the code.</summary>
public sealed class LogFrameBytesTests
{
    private const string Ballot = "0200000000000000" + "09000000" + "0500000000000000";

    private const string Card = "0700000000000000" + "03000000" + "0500" + "6EC3A46D65" + "0900" + "686F73743A34373430" + "02" + "01";

    private const string View = "0100000000000000" + "0200000000000000" + "0100000000000000" + "2800000000000000" + "0500000000000000" + "01" + "0200"
        + Card + "01" + "0000000000000000"
        + "0500000000000000" + "04000000" + "0100" + "62" + "0100" + "63" + "01" + "00" + "02" + "4D00000000000000"
        + "01000000" + "0500000000000000" + "04000000";

    private const string Run = "03000000" + "0100000000000000" + "0500000000000000" + "02" + "04" + "0700000000000000" + "03000000" + "0800000000000000" + "616263"
        + "00000000" + "0200000000000000" + "0600000000000000" + "01" + "03" + "0000000000000000" + "00000000" + "0000000000000000";

    private static readonly Dictionary<string, string> Bytes = new(StringComparer.Ordinal)
    {
        ["submit"] = "0100000000000000" + "02000000" + "0300000000000000" + "02000000" + "04" + "03000000" + "6F6E65" + "01" + "00000000",
        ["submit-ask"] = "0100000000000000" + "02000000" + "0300000000000000",
        ["append"] = "0200000000000000" + "0400000000000000" + "0100000000000000" + "0300000000000000" + "0200000000000000" + "0100000000000000" + "0500000000000000" + "0000000000000080" + Run,
        ["ack"] = "0100000000000000" + "02000000" + "0900000000000000" + "0100000000000000" + "0800000000000000" + "0700000000000000" + "FBFFFFFFFFFFFFFF" + "0600000000000000" + "04",
        ["fetch"] = Ballot + "0100000000000000" + "0200000000000000" + "0300000000000000",
        ["entries"] = Ballot + "0400000000000000" + "0100000000000000" + "0200000000000000" + Run,
        ["probe"] = "0100000000000000" + "02000000",
        ["probe-answer"] = "0100000000000000" + "02000000" + "01",
        ["prepare"] = Ballot + View,
        ["promise"] = Ballot + "21" + Card + "0C00000000000000" + "0100000000000000" + "0300000000000000" + "0400000000000000" + Ballot + View,
        ["decline"] = Ballot + Ballot,
        ["accept"] = "0100000000000000" + "09000000" + "0500000000000000" + View,
        ["accepted"] = Ballot + "02000000",
        ["view-ask"] = "0800000000000000",
        ["join"] = "0100000000000000" + "0200000000000000" + "0300000000000000" + Card,
        ["join-refused"] = "03000000",
        ["leave"] = "0100000000000000" + "02000000" + "01",
        ["found"] = Card + "02010061010062",
        ["view"] = View,
    };

    [Theory, MemberData(nameof(LogFrameTests.Names), MemberType = typeof(LogFrameTests))]
    public void AFrameHasTheBytesThatAreWrittenDown(string name) => Assert.Equal(Bytes[name], Convert.ToHexString(LogFrameTests.ExampleOf(name)));
}
