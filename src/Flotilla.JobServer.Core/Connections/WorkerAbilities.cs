using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Which connection can do which function, and per function the workers to wake next. An ability stays in its function's sleep list
/// while its worker works elsewhere and is dropped from it when a wake-up comes past, so falling asleep costs what was woken
/// since, not the number of functions.
/// </summary>
internal sealed class WorkerAbilities(FunctionTable functions)
{
    public const int None = -1;
    private const int ChunkShift = 10;
    private readonly SlotPool<WorkerAbility> _abilities = new(ChunkShift);

    public ref WorkerAbility this[int ability] => ref _abilities[ability];

    /// <summary>Registers a function for a worker; a second time only changes the timeout. True when it is new.</summary>
    public bool Add(ConnectionState worker, FunctionState function, int timeoutMs)
    {
        var position = worker.Abilities.PositionOf(function.Index);
        if (position >= 0)
        {
            _abilities[worker.Abilities.AbilityAt(position)].TimeoutMs = timeoutMs;
            return false;
        }

        var ability = _abilities.Allocate();
        _abilities[ability] = new WorkerAbility
        {
            Connection = worker.Slot,
            Function = function.Index,
            TimeoutMs = timeoutMs,
        };
        worker.Abilities.Add(function.Index, ability);
        LinkUnlisted(worker, ability);
        function.Workers++;
        if (worker.IsAsleep)
            ListAll(worker);
        return true;
    }

    public void RemoveAt(ConnectionState worker, int position)
    {
        var ability = worker.Abilities.AbilityAt(position);
        var function = functions[_abilities[ability].Function];
        if (_abilities[ability].IsListed)
            Unlist(function, ability);
        else
            UnlinkUnlisted(worker, ability);
        _abilities.Free(ability);
        worker.Abilities.RemoveAt(position);
        function.Workers--;
    }

    /// <summary>Puts all abilities of a worker that went to sleep into their functions' sleep lists.</summary>
    public void ListAll(ConnectionState worker)
    {
        while (worker.FirstUnlisted != None)
        {
            var ability = worker.FirstUnlisted;
            UnlinkUnlisted(worker, ability);
            var function = functions[_abilities[ability].Function];
            ref var record = ref _abilities[ability];
            record.IsListed = true;
            record.Next = None;
            record.Previous = function.SleepTail;
            if (function.SleepTail == None)
                function.SleepHead = ability;
            else
                _abilities[function.SleepTail].Next = ability;
            function.SleepTail = ability;
        }
    }

    /// <summary>Takes the first ability out of a function's sleep list.</summary>
    public void TakeFirst(FunctionState function, ConnectionTable connections, out ConnectionState worker)
    {
        var ability = function.SleepHead;
        Invariant.Require(ability != None);
        worker = connections[_abilities[ability].Connection];
        Unlist(function, ability);
        LinkUnlisted(worker, ability);
    }

    private void Unlist(FunctionState function, int ability)
    {
        ref var record = ref _abilities[ability];
        if (record.Previous == None)
            function.SleepHead = record.Next;
        else
            _abilities[record.Previous].Next = record.Next;
        if (record.Next == None)
            function.SleepTail = record.Previous;
        else
            _abilities[record.Next].Previous = record.Previous;
        record.IsListed = false;
    }

    private void LinkUnlisted(ConnectionState worker, int ability)
    {
        ref var record = ref _abilities[ability];
        record.Previous = None;
        record.Next = worker.FirstUnlisted;
        if (worker.FirstUnlisted != None)
            _abilities[worker.FirstUnlisted].Previous = ability;
        worker.FirstUnlisted = ability;
    }

    private void UnlinkUnlisted(ConnectionState worker, int ability)
    {
        ref var record = ref _abilities[ability];
        if (record.Previous == None)
            worker.FirstUnlisted = record.Next;
        else
            _abilities[record.Previous].Next = record.Next;
        if (record.Next != None)
            _abilities[record.Next].Previous = record.Previous;
    }
}
