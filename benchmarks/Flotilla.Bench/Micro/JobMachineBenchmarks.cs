using System.Text;
using BenchmarkDotNet.Attributes;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;

namespace Flotilla.Bench.Micro;

/// <summary>What the job machine costs without sockets: one foreground job from submit to result.</summary>
public class JobMachineBenchmarks
{
    private static readonly ConnectionId Client = new(0);
    private static readonly ConnectionId Worker = new(1);

    private readonly Effects _effects = new();
    private readonly byte[] _submit = Encoding.ASCII.GetBytes("load\0\0" + new string('x', 32));
    private readonly byte[] _result = new byte[256];
    private JobMachine _machine = null!;

    /// <summary>Jobs that wait behind the one that is measured.</summary>
    [Params(0, 1_000_000)]
    public int Backlog { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _machine = new JobMachine(new JobMachineOptions());
        _machine.Step(JobServerInput.Connected(0, Client, new ConnectionInfo("127.0.0.1", 1)), _effects);
        _machine.Step(JobServerInput.Connected(0, Worker, new ConnectionInfo("127.0.0.1", 2)), _effects);
        Step(Worker, PacketType.CanDo, "load"u8);
        for (var job = 0; job < Backlog; job++)
        {
            Step(Client, PacketType.SubmitJobBg, _submit);
            _effects.Clear();
        }
    }

    [Benchmark]
    public void SubmitGrabComplete()
    {
        Step(Client, PacketType.SubmitJob, _submit);
        Step(Worker, PacketType.GrabJob, []);
        var assigned = _effects.Output(Worker).Head[PacketHeader.SizeBytes..];
        var handleBytes = assigned.IndexOf((byte)0);
        assigned[..(handleBytes + 1)].CopyTo(_result);
        Step(Worker, PacketType.WorkComplete, _result.AsSpan(0, handleBytes + 1 + 32));
        _effects.Clear();
    }

    private void Step(ConnectionId connection, PacketType type, ReadOnlySpan<byte> body) =>
        _machine.Step(JobServerInput.Packet(0, connection, PacketMagic.Request, type, body), _effects);
}
