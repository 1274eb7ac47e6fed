using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>The random things an application does.</summary>
internal sealed partial class SimApplication
{
    private const int OpenMax = 40;

    private byte[] _body = new byte[64];

    /// <summary>Does one random thing; outside of a step.</summary>
    public void Work()
    {
        var group = _groups[_random.Next(_groups.Length)];
        if (_world.IsQuiet || _node.IsStopping || _open.Count > OpenMax)
        {
            GiveUp(group);
            return;
        }

        if (group.Number == 0 || !group.HasState || group.IsLeaving)
        {
            GiveUp(group);
            if (!group.IsWanted && _random.OneIn(10))
                Join(group);
            return;
        }

        var isCalm = _world.Parameters.IsCalm;
        if (!isCalm && _pace.OneIn(150))
        {
            FallBehind(group);
            return;
        }

        switch (isCalm ? 0 : _random.Next(100))
        {
            case < 74:
                Send(group);
                break;
            case < 82:
                Ask(group);
                break;
            case < 86:
                var members = _random.OneIn(2) ? 0 : 1 + _random.Next(Math.Max(1, group.View?.Members.Length ?? 1));
                var needed = members == 0 ? 1 : members;
                Perform(new SimCommand { Operation = TraceOperation.Flush, Group = group.Name, Number = (ulong)needed, Command = new FlushGroup(group.Number, members) });
                break;
            case < 91:
                var name = _random.OneIn(2) ? "l0" : "l1";
                var timeout = _random.OneIn(3) ? AcquireLock.Forever : _random.Next(3_000) * 1_000_000L;
                Perform(new SimCommand { Operation = TraceOperation.Lock, Name = name, Command = new AcquireLock(name, timeout) });
                break;
            case < 98:
                Put(group);
                break;
            case 98 when _random.OneIn(3):
                group.IsLeaving = true;
                group.IsWanted = _random.OneIn(2);
                Perform(new SimCommand { Operation = TraceOperation.Leave, Group = group.Name, Command = new LeaveGroup(group.Number) });
                break;
            default:
                for (var i = _random.Next(1, 20); i > 0 && group.HasState; i--)
                    Send(group);
                break;
        }
    }

    // Whoever had the state is gone for good, or lost it: somebody has to say so.
    private void GiveUp(SimGroup group)
    {
        if (group is { Kind: GroupStateKind.Persistent, IsWanted: true, HasState: false } && group.Number != 0 && _world.IsLongHealed && !_node.IsStopping)
            Perform(new SimCommand { Operation = TraceOperation.Discard, Group = group.Name, Command = new DiscardState(group.Number) });
    }

    // Its handlers do not keep up for a while.
    private void FallBehind(SimGroup group)
    {
        _world.Count("fell behind");
        var number = group.Number;
        _node.Do(0, new FellBehind(number));
        _node.Later(WorldEventKind.Later, _pace.Next(1, 4_000) * 1_000_000L, new SimCommand { Operation = TraceOperation.None, Command = new CaughtUp(number) });
    }

    private void Send(SimGroup group)
    {
        var delivery = _random.Next(20) switch
        {
            0 => Delivery.Raw,
            1 => Delivery.Fifo,
            2 => Delivery.Causal,
            < 10 => Delivery.Ordered,
            < 16 => Delivery.Safe,
            _ => Delivery.SafeDurable,
        };
        var size = SimMessage.SizeBytesMin + _random.Next(_random.OneIn(10) ? _world.Parameters.MessageBytesMax : 64);
        if (_body.Length < size)
            _body = new byte[size];
        var message = _world.NextMessage();
        SimMessage.Write(_body.AsSpan(0, size), message);
        var token = delivery == Delivery.Raw || _random.OneIn(3) ? 0 : ++_token;
        var command = new SimCommand { Operation = TraceOperation.Send, Group = group.Name, Message = message };
        if (token != 0)
            _open[token] = command;
        Sent(group, message, delivery, token);
        _node.Send(group.Number, delivery, token, _body.AsSpan(0, size));
    }

    private void Ask(SimGroup group)
    {
        var message = _world.NextMessage();
        var body = new byte[SimMessage.SizeBytesMin + _random.Next(32)];
        SimMessage.Write(body, message);
        var delivery = _random.Next(3) switch
        {
            0 => Delivery.Ordered,
            1 => Delivery.Safe,
            _ => Delivery.Causal,
        };
        var replies = _random.Next(4) switch
        {
            0 => QueryGroup.Majority,
            1 => 1,
            _ => QueryGroup.All,
        };
        Sent(group, message, delivery, 0);
        Perform(new SimCommand
        {
            Operation = TraceOperation.Query, Group = group.Name, Message = message, AsksAll = replies == QueryGroup.All,
            Command = new QueryGroup(group.Number, body) { Delivery = delivery, Replies = replies, TimeoutNs = _random.Next(100, 4_000) * 1_000_000L },
        });
    }

    private void Put(SimGroup group)
    {
        var key = "k" + (char)('0' + _random.Next(6));
        var copy = group.Dictionary?.Current;
        var version = copy is not null && copy.TryGetValue(key, out var item) ? item.Version : 0;
        ReadOnlyMemory<byte>? value = _random.OneIn(5) ? null : BitConverter.GetBytes(_random.NextUInt64());
        var condition = (DictionaryCondition)_random.Next(3);
        Perform(new SimCommand
        {
            Operation = TraceOperation.Put, Group = group.Name, Name = key,
            Command = new WriteDictionary(group.Number, key, value) { Condition = condition, Version = condition == DictionaryCondition.Version ? version : 0, Delivery = _random.OneIn(3) ? Delivery.Safe : Delivery.Ordered },
        });
    }

    private void Sent(SimGroup group, ulong message, Delivery delivery, ulong token)
        => _world.Note(new TraceEvent
        {
            AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = TraceKind.Send, Message = message, Group = group.Name, Delivery = delivery, Token = token,
            Operation = TraceOperation.Send,
        });
}
