using BenchmarkDotNet.Attributes;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.Bench.Micro;

/// <summary>Packets to values and back.</summary>
public class ProtocolBenchmarks
{
    private const int Packets = 100;

    private readonly ByteQueue _output = new();
    private readonly byte[] _payload = new byte[32];
    private byte[] _received = [];

    [GlobalSetup]
    public void Setup()
    {
        for (var packet = 0; packet < Packets; packet++)
            PacketWriter.Write(_output, PacketMagic.Request, PacketType.SubmitJob, "load"u8, "key"u8, _payload);
        _received = _output.ToArray();
        _output.Clear();
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int SplitAndTakeArguments()
    {
        var reader = new MessageReader(_received);
        var bytes = 0;
        while (reader.Read() == MessageKind.Packet)
        {
            var arguments = new PacketArguments(reader.Body);
            arguments.TryNext(out var function);
            arguments.TryNext(out var unique);
            bytes += function.Length + unique.Length + arguments.Last.Length;
        }

        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public void WriteJobAssign()
    {
        for (var packet = 0; packet < Packets; packet++)
            PacketWriter.Write(_output, PacketMagic.Response, PacketType.JobAssign, "H:host:1234567"u8, "load"u8, _payload);
        _output.Clear();
    }
}
