using System.Collections.Immutable;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

/// <summary>Several real nodes in this process, on loopback; the first founds the cluster, the others join it.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    public List<GroupNode> Nodes { get; } = [];

    public GroupNode this[int index] => Nodes[index];

    public static async Task<Cluster> StartAsync(int count, bool onDisk = false)
    {
        var cluster = new Cluster();
        for (var i = 0; i < count; i++)
            await cluster.AddAsync(onDisk);
        await cluster.UntilVotersAsync(Math.Min(count, 5));
        return cluster;
    }

    public async Task<GroupNode> AddAsync(bool onDisk = false, Func<GroupOptions, GroupOptions>? configure = null)
    {
        var number = Nodes.Count;
        var options = Options(number, onDisk) with
        {
            Founding = number == 0 ? Founding.Alone : Founding.Never,
            Seeds = [.. Nodes.Select(other => other.Address)],
        };
        var node = await GroupNode.StartAsync(configure?.Invoke(options) ?? options);
        Nodes.Add(node);
        await node.UntilMemberAsync().WaitAsync(Deadline.Default);
        return node;
    }

    public GroupOptions Options(int number, bool onDisk) => new()
    {
        Name = "n" + number,
        Messages = TestMessages.Catalog(),
        DataDirectory = onDisk ? Path.Combine(_folder.Path, "n" + number) : null,
    };

    /// <summary>All are in one view, with so many voters.</summary>
    public async Task UntilVotersAsync(int voters)
    {
        foreach (var node in Nodes)
        {
            await node.UntilViewAsync(view => view.Members.Length == Nodes.Count
                && view.Members.Count(member => member.Role == Core.MemberRole.Voter) >= voters
                && Nodes.TrueForAll(other => view.Contains(other.Id))).WaitAsync(Deadline.Default);
        }
    }

    /// <summary>Gives all nodes the group and joins it.</summary>
    public async Task<ImmutableArray<Group>> JoinAsync(string name, Action<Group, int> configure)
    {
        var groups = Nodes.Select((node, index) =>
        {
            var group = node.Group(name);
            configure(group, index);
            return group;
        }).ToImmutableArray();
        foreach (var group in groups)
            await group.JoinAsync().WaitAsync(Deadline.Default);
        foreach (var group in groups)
            await Deadline.UntilAsync(() => group.Members.Length == Nodes.Count, "all members see all");
        return groups;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.KillAsync();
        _folder.Dispose();
    }
}
