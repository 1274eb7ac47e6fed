using System.Globalization;
using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Simulation;

/// <summary>Works on jobs one at a time; unless steady, it is lost now and then in the middle of one and comes back.</summary>
internal sealed class SimulatedWorker
{
    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly JobBook _book;
    private readonly SeededRandom _random;
    private readonly bool _isSteady;
    private int _slot;
    private bool _isAsleep;

    public SimulatedWorker(World world, SimulatedServer server, JobBook book, SeededRandom random, bool isSteady)
    {
        (_world, _server, _book, _random, _isSteady) = (world, server, book, random, isSteady);
        Connect();
    }

    /// <summary>Numbers of jobs that keep their order and that no worker ever had before, as they were handed out.</summary>
    public List<ulong> FirstTimes { get; } = [];

    private void Connect()
    {
        var slot = -1;
        slot = _server.Connect((type, body) => Receive(slot, type, body));
        _slot = slot;
        _server.Send(_slot, PacketType.CanDo, "a"u8.ToArray());
        _server.Send(_slot, PacketType.CanDo, "b"u8.ToArray());
        _server.Send(_slot, PacketType.GrabJob);
    }

    private void Receive(int slot, PacketType type, byte[] body)
    {
        if (slot != _slot)
            return;
        switch (type)
        {
            case PacketType.JobAssign:
                Assigned(body);
                break;
            case PacketType.NoJob:
                _isAsleep = true;
                _server.Send(_slot, PacketType.PreSleep);
                break;
            case PacketType.Noop when _isAsleep:
                _isAsleep = false;
                _server.Send(_slot, PacketType.GrabJob);
                break;
            case PacketType.Noop:
                break;
            default:
                Assert.Fail($"a worker got {type} {Encoding.Latin1.GetString(body)}");
                break;
        }
    }

    private void Assigned(byte[] body)
    {
        var parts = Encoding.ASCII.GetString(body).Split('\0', 3);
        var (handle, payload) = (parts[0], parts[2]);
        var id = ulong.Parse(handle[(handle.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        Assert.DoesNotContain(id, _server.Gone);
        if (_book.Assign(payload, handle, _world.Clock.NowMs))
            FirstTimes.Add(id);
        var slot = _slot;
        _world.Scheduler.After(_random.Next(20), () => End(slot, handle, payload));
    }

    private void End(int slot, string handle, string payload)
    {
        if (slot != _slot)
            return;
        if (!_isSteady && _random.OneIn(8))
        {
            _server.Disconnect(_slot);
            Connect();
            return;
        }

        _book.Complete(payload);
        _server.Send(_slot, PacketType.WorkComplete, Encoding.ASCII.GetBytes(handle), "done"u8.ToArray());
        _server.Send(_slot, PacketType.GrabJob);
    }
}
