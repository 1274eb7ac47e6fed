using System.Collections.Immutable;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>
/// Key and value pairs of a group, at all nodes of the cluster: for settings, not for files (64 MiB in all, 1 MiB a value). Reads are local and see a
/// snapshot; writes go through the log. A write that was awaited is in the snapshots read afterwards on this node.
/// </summary>
public sealed class GroupDictionary
{
    private readonly Group _group;
    private DictionaryCopy? _copy;

    internal GroupDictionary(Group group) => _group = group;

    /// <summary>The snapshot of now. The group must have been joined.</summary>
    public async ValueTask<ImmutableSortedDictionary<string, DictionaryItem>> SnapshotAsync(CancellationToken cancellation = default)
    {
        if (_copy is null || !_group.IsJoined)
        {
            var pending = new CopyCommand();
            _group.Node.Dispatcher.Do(new OpenDictionary(_group.Number), pending);
            _copy = await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
        }

        return _copy.Current;
    }

    /// <summary>The value of a key; null when it is not there.</summary>
    public async ValueTask<DictionaryItem?> GetAsync(string key, CancellationToken cancellation = default)
        => (await SnapshotAsync(cancellation).ConfigureAwait(false)).GetValueOrDefault(key);

    /// <summary>Writes a value whatever was there; returns its version.</summary>
    public async Task<ulong> PutAsync(string key, ReadOnlyMemory<byte> value, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
        => (await WriteAsync(key, value, default, 0, delivery, cancellation).ConfigureAwait(false)).Version;

    /// <summary>Writes a value if the key is not there.</summary>
    public Task<DictionaryWrite> TryAddAsync(string key, ReadOnlyMemory<byte> value, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
        => WriteAsync(key, value, DictionaryCondition.Absent, 0, delivery, cancellation);

    /// <summary>Writes a value if the key has that version: compare and swap.</summary>
    public Task<DictionaryWrite> TryReplaceAsync(
        string key, ReadOnlyMemory<byte> value, ulong version, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
        => WriteAsync(key, value, DictionaryCondition.Version, version, delivery, cancellation);

    /// <summary>Removes a key; with a version, only if it has that.</summary>
    public Task<DictionaryWrite> RemoveAsync(string key, ulong? version = null, Delivery delivery = Delivery.Ordered, CancellationToken cancellation = default)
        => WriteAsync(key, null, version is null ? DictionaryCondition.Always : DictionaryCondition.Version, version ?? 0, delivery, cancellation);

    private async Task<DictionaryWrite> WriteAsync(
        string key, ReadOnlyMemory<byte>? value, DictionaryCondition condition, ulong version, Delivery delivery, CancellationToken cancellation)
    {
        var pending = new DictionaryCommand(condition != DictionaryCondition.Always);
        var command = new WriteDictionary(_group.Number, key, value) { Condition = condition, Version = version, Delivery = delivery };
        _group.Node.Dispatcher.Do(command, pending);
        return await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }
}
