using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Http;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Http;

/// <summary>HTTP clients and a worker around a real machine, without sockets or time.</summary>
internal sealed class HttpOnMachine : IJobServerEffects
{
    private const long NowMs = 784_111_777_000;
    private const int WorkerSlot = 0;

    private readonly JobMachine _machine;
    private readonly Dictionary<int, ByteQueue> _machineOutput = [];
    private readonly List<Client> _clients = [];

    public HttpOnMachine(JobMachineOptions? options = null)
    {
        _machine = new JobMachine((options ?? new JobMachineOptions()) with { HandlePrefix = "H:box" });
        Step(JobServerInput.Connected(NowMs, new ConnectionId(WorkerSlot), new ConnectionInfo("127.0.0.1", 3)));
    }

    public ulong LastStored { get; private set; }

    public List<JobServerEventKind> Events { get; } = [];

    public ServerSnapshot Snapshot => _machine.Snapshot();

    public Client Connect(ConnectionInfo? info = null)
    {
        var client = new Client(this, _clients.Count + 1);
        _clients.Add(client);
        Step(JobServerInput.Connected(NowMs, new ConnectionId(client.Slot), info ?? new ConnectionInfo("127.0.0.1", 10)));
        return client;
    }

    /// <summary>The worker sends a packet whose arguments are separated by zero characters, and gets what the machine sent it.</summary>
    public string Worker(PacketType type, string body = "")
    {
        Step(JobServerInput.Packet(NowMs, new ConnectionId(WorkerSlot), PacketMagic.Request, type, Encoding.Latin1.GetBytes(body)));
        var output = Output(new ConnectionId(WorkerSlot));
        var text = Encoding.Latin1.GetString(output.ToArray());
        output.Clear();
        return text;
    }

    public void Commit() => Step(JobServerInput.StoreCommitted(NowMs, LastStored));

    public void FailStore() => Step(JobServerInput.StoreFailed(NowMs, LastStored, "disk full"));

    public void Step(in JobServerInput input)
    {
        _machine.Step(input, this);
        foreach (var client in _clients)
            client.Run();
    }

    public ByteQueue Output(ConnectionId connection)
    {
        if (!_machineOutput.TryGetValue(connection.Slot, out var output))
            _machineOutput[connection.Slot] = output = new ByteQueue();
        return output;
    }

    /// <summary>Only for a wrong secret; the answer to it still goes out.</summary>
    public void Close(ConnectionId connection, CloseReason reason) => Assert.Equal(CloseReason.NotAuthorized, reason);

    public void Store(ulong sequence, in StoredRecord record) => LastStored = sequence;

    public void Report(in JobServerEvent happened) => Events.Add(happened.Kind);

    internal sealed class Client(HttpOnMachine owner, int slot) : ISessionHost
    {
        private readonly HttpSession _session = new(new HttpFrontOptions(), new BodyBudget(long.MaxValue));
        private readonly List<byte> _received = [];

        public int Slot => slot;

        public bool IsClosed { get; private set; }

        public long NowMs => HttpOnMachine.NowMs;

        public ByteQueue Output { get; } = new();

        public void Packet(PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
            => owner._machine.Step(JobServerInput.Packet(NowMs, new ConnectionId(slot), magic, type, body), owner);

        public void Line(ReadOnlySpan<byte> line) => Assert.Fail("the front sends no lines");

        public void Close(string? why) => IsClosed = true;

        public string Send(string bytes)
        {
            _received.AddRange(Encoding.Latin1.GetBytes(bytes));
            Run();
            return Take();
        }

        public string Take()
        {
            var text = Encoding.Latin1.GetString(Output.ToArray());
            Output.Clear();
            return text;
        }

        /// <summary>What a host does when the peer is gone.</summary>
        public void Leave()
        {
            _session.OnEndOfInput(this);
            if (IsClosed)
                owner.Step(JobServerInput.Disconnected(NowMs, new ConnectionId(slot)));
        }

        public void Run()
        {
            while (!IsClosed)
            {
                _session.Translate(owner.Output(new ConnectionId(slot)), Output, this);
                if (_received.Count == 0 || !_session.AcceptsInput)
                    return;
                var used = _session.Receive(_received.ToArray(), this);
                _received.RemoveRange(0, used);
                _session.Translate(owner.Output(new ConnectionId(slot)), Output, this);
                if (used == 0)
                    return;
            }
        }
    }
}
