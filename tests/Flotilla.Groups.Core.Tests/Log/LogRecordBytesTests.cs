using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>The bodies of the records the log writes, as docs/protocols/groups-log.md has them: of a node that founds a cluster alone and sends one message.</summary>
public sealed class LogRecordBytesTests
{
    private readonly MemoryNode _node;

    public LogRecordBytesTests()
    {
        var net = new MemoryNet(7, 1);
        net.StartAll();
        net.RunUntil("a view", () => net.AreTogether(net[0]));
        _node = net[0];
        _node.Submit(Delivery.Safe, "x");
        net.RunUntil("delivery", () => _node.Consumer.State[^1].EndsWith('x'));
    }

    private string Node => U64(_node.Self.Node.Value);

    private string Cluster => U64(_node.Machine!.View!.Cluster.High) + U64(_node.Machine.View.Cluster.Low);

    private string Ballot => U64(1) + U32(1) + Node;

    private string View => Cluster + U64(1) + U64(1) + Node + "00" + "0100"
        + Node + U32(1) + Text(_node.Options.Name) + Text(_node.Options.Address) + "01" + "00" + "02" + U64(0)
        + U32(0);

    [Fact]
    public void IdentityBeforeAndAfterTheNodeHasACluster()
    {
        var records = _node.Records.Where(record => record.Kind == PersistRecordKind.Identity).Select(record => (record.Sequence, Convert.ToHexString(record.Body)));
        Assert.Equal([(1UL, U64(0) + U64(0) + Node + U32(1) + "00"), (1UL, Cluster + Node + U32(1) + "00")], records);
    }

    [Fact]
    public void PromiseAndAcceptedAndInstalledView()
    {
        Assert.Equal((1UL, Ballot), First(PersistRecordKind.Promise));
        Assert.Equal((1UL, Ballot + View), First(PersistRecordKind.Accepted));
        Assert.Equal((1UL, "00" + View), First(PersistRecordKind.Installed));
    }

    [Fact]
    public void EntriesOfAViewAndOfAMessage()
    {
        var view = U32((uint)(View.Length / 2)) + U64(1) + U64(1) + "01" + "03" + U64(0) + U32(0) + U64(0) + View;
        Assert.Equal((1UL, view), First(PersistRecordKind.Entry));
        var last = _node.Records.FindLast(record => record.Kind == PersistRecordKind.Entry);
        Assert.Equal((2UL, "01000000" + U64(1) + U64(2) + "02" + "04" + Node + U32(1) + U64(1) + "78"), (last.Sequence, Convert.ToHexString(last.Body)));
    }

    private (ulong Field, string Body) First(PersistRecordKind kind)
    {
        var record = _node.Records.Find(record => record.Kind == kind);
        return (record.Sequence, Convert.ToHexString(record.Body));
    }

    private static string Text(string text) => U16((ushort)text.Length) + Convert.ToHexString(Encoding.UTF8.GetBytes(text));

    private static string U16(ushort value) => Hex(BinaryPrimitives.WriteUInt16LittleEndian, value, 2);

    private static string U32(uint value) => Hex(BinaryPrimitives.WriteUInt32LittleEndian, value, 4);

    private static string U64(ulong value) => Hex(BinaryPrimitives.WriteUInt64LittleEndian, value, 8);

    private static string Hex<T>(Writer<T> write, T value, int count)
    {
        var bytes = new byte[count];
        write(bytes, value);
        return Convert.ToHexString(bytes);
    }

    private delegate void Writer<in T>(Span<byte> target, T value);
}
