using System.Text;

namespace Flotilla.Groups.Core.Tests.Layer;

public sealed class DictionaryTests
{
    [Fact]
    public void AWriteIsReadAtEveryMember()
    {
        var world = Two(out var copies);
        var token = Put(world.Nodes[0], "k", "v");
        world.Run();
        Assert.All(copies, copy => Assert.Equal("v", Text(copy.Current["k"])));
        Assert.Equal(copies[1].Current["k"].Version, world.Nodes[0].End(token)!.Number);
        world.CheckTables();
    }

    [Fact]
    public void OfTwoThatWantAKeyToBeNewOneWins()
    {
        var world = Two(out var copies);
        var first = Put(world.Nodes[0], "k", "a", DictionaryCondition.Absent);
        var second = Put(world.Nodes[1], "k", "b", DictionaryCondition.Absent);
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(first)!.Result);
        var refusal = world.Nodes[1].End(second)!;
        Assert.Equal((CommandResult.Refused, "a", copies[0].Current["k"].Version), (refusal.Result, refusal.Body, refusal.Number));
    }

    [Fact]
    public void AWriteUnderAVersionFailsWhenTheKeyHasAnother()
    {
        var world = Two(out var copies);
        Put(world.Nodes[0], "k", "a");
        world.Run();
        var version = copies[0].Current["k"].Version;
        var first = Put(world.Nodes[0], "k", "b", DictionaryCondition.Version, version);
        var second = Put(world.Nodes[1], "k", "c", DictionaryCondition.Version, version);
        world.Run();
        Assert.Equal(CommandResult.Done, world.Nodes[0].End(first)!.Result);
        Assert.Equal(CommandResult.Refused, world.Nodes[1].End(second)!.Result);
        Assert.Equal("b", Text(copies[1].Current["k"]));
    }

    [Fact]
    public void ARemovedKeyIsGone()
    {
        var world = Two(out var copies);
        Put(world.Nodes[0], "k", "a");
        world.Nodes[1].Do(new WriteDictionary(1, "k", null));
        world.Run();
        Assert.All(copies, copy => Assert.Empty(copy.Current));
        Assert.Equal(0, world.Nodes[0].Layer.Tables.Groups.Single().DictionaryBytes);
    }

    [Fact]
    public void ANewcomerHasItAll()
    {
        var world = Two(out _);
        Put(world.Nodes[0], "k", "a");
        world.Run();
        var late = world.Join();
        world.Run();
        late.Join("g");
        world.RunFor(100);
        var copy = late.Open(1);
        Assert.Equal("a", Text(copy.Current["k"]));
    }

    [Theory]
    [InlineData("", 1), InlineData("k", (1 << 20) + 1)]
    public void KeysAndValuesHaveLimits(string key, int valueBytes)
    {
        var world = Two(out _);
        var token = world.Nodes[0].Do(new WriteDictionary(1, key, new byte[valueBytes]));
        Assert.Equal(CommandResult.Refused, world.Nodes[0].End(token)!.Result);
    }

    [Fact]
    public void AFullDictionaryTakesNoMore()
    {
        var world = Two(out _);
        for (var i = 0; i < 64; i++)
            world.Nodes[0].Do(new WriteDictionary(1, "k" + i, new byte[1 << 20]));
        world.Run();
        Assert.Contains("full", world.Nodes[0].Ended[^1].Reason);
        world.CheckTables();
    }

    private static LayerWorld Two(out List<DictionaryCopy> copies)
    {
        var world = new LayerWorld { Configure = options => options with { MaxUnsequencedBytes = 1L << 30 } }.With(2);
        foreach (var node in world.Nodes)
            node.Join("g");
        world.Run();
        copies = [.. world.Nodes.Select(node => node.Open(1))];
        return world;
    }

    private static ulong Put(LayerNode node, string key, string value, DictionaryCondition condition = default, ulong version = 0)
        => node.Do(new WriteDictionary(1, key, Encoding.UTF8.GetBytes(value)) { Condition = condition, Version = version });

    private static string Text(DictionaryItem item) => Encoding.UTF8.GetString(item.Value.Span);
}
