using System.Globalization;
using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Simulation;

/// <summary>Submits background jobs, a few at a time, some of them for later, and writes down what it is told.</summary>
internal sealed class SimulatedClient
{
    private const int OutstandingMax = 4;

    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly JobBook _book;
    private readonly SeededRandom _random;
    private readonly Queue<string> _outstanding = new();
    private readonly int _slot;

    public SimulatedClient(World world, SimulatedServer server, JobBook book, SeededRandom random)
    {
        (_world, _server, _book, _random) = (world, server, book, random);
        _slot = server.Connect(Receive);
        world.Scheduler.After(random.Next(10), SubmitSome);
    }

    public bool IsStopped { get; set; }

    private void SubmitSome()
    {
        while (!IsStopped && _outstanding.Count < OutstandingMax && !_random.OneIn(4))
        {
            var dueMs = _random.OneIn(4) ? _world.Clock.NowMs + _random.Next(200) : 0;
            var isHigh = dueMs == 0 && _random.OneIn(3);
            byte[] function = [(byte)('a' + _random.Next(2))];
            var payload = _book.Submit(dueMs, isOrdered: dueMs == 0 && !isHigh && function[0] == 'a');
            _outstanding.Enqueue(payload);
            var data = Encoding.ASCII.GetBytes(payload);
            if (dueMs > 0)
                _server.Send(_slot, PacketType.SubmitJobEpoch, function, [], Encoding.ASCII.GetBytes((dueMs / 1000m).ToString("0.000", CultureInfo.InvariantCulture)), data);
            else
                _server.Send(_slot, isHigh ? PacketType.SubmitJobHighBg : PacketType.SubmitJobBg, function, [], data);
        }

        if (!IsStopped)
            _world.Scheduler.After(1 + _random.Next(10), SubmitSome);
    }

    private void Receive(PacketType type, byte[] body)
    {
        _world.Note((ulong)type);
        if (type == PacketType.JobCreated)
            _book.Acknowledge(_outstanding.Dequeue(), Encoding.ASCII.GetString(body));
        else if (type == PacketType.Error)
            _book.Refuse(_outstanding.Dequeue());
        else
            Assert.Fail($"a submitter got {type}");
    }
}
