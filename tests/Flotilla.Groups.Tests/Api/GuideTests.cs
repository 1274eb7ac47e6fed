using System.Net;
using System.Text;
using System.Text.Json.Serialization;
using Flotilla.Groups.Core;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

/// <summary>The snippets of docs/guides/groups.md, compiled and run as they stand there.</summary>
public sealed class GuideTests
{
    [Fact]
    public async Task TheSnippetsOfTheGuideWork()
    {
        using var temporary = new TempFolder();
        var folder = temporary.Path;
        List<string> servers = [];
        var writable = false;

        var messages = new MessageCatalog()
            .Add("server-joined", ShopMessages.Default.ServerJoined)
            .Add("stock-question", ShopMessages.Default.StockQuestion)
            .Add("stock", ShopMessages.Default.Stock);

        await using var node = await GroupNode.StartAsync(new GroupOptions
        {
            Name = "a",
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Founding = Founding.Alone,
            DataDirectory = folder,
            Messages = messages,
        });
        await node.UntilMemberAsync();

        node.PrimaryLost += epoch => writable = false;
        node.ViewInstalled += view => Console.WriteLine($"epoch {view.Epoch}: {string.Join(", ", view.Members.Select(member => member.Name))}");
        if (node.IsPrimary)
            writable = true;

        node.Group("shop").OnQuery<string, string>((text, _) => text);
        Handle(node.Group("shop"), servers);

        var group = node.Group("shop");
        group.On<ServerJoined>(async (message, context) =>
        {
            servers.Add(message.Server);
            if (message.Server == "a")
                await group.SendAsync(new ServerJoined("b", 3306));
        });
        group.OnView(view => Console.WriteLine($"{view.Members.Length} members, epoch {view.Epoch}"));
        await group.JoinAsync();
        await group.SendAsync(new ServerJoined("a", 3306), Delivery.Safe);

        var result = await group.QueryAsync<StockQuestion, Stock>(new StockQuestion("tea"), Replies.All, TimeSpan.FromSeconds(5));
        var total = result.Values.Sum(stock => stock.Count);
        Assert.Equal(3, total);

        await using (var held = await node.Locks.AcquireAsync("nightly-report", TimeSpan.FromSeconds(30)))
        {
            await WriteReportAsync(held.Token, held.Lost);
        }

        var added = await group.Dictionary.TryAddAsync("leader", Encoding.UTF8.GetBytes(node.Name));
        var leader = await group.Dictionary.GetAsync("leader");
        if (leader is not null && !added.IsWritten)
            await group.Dictionary.TryReplaceAsync("leader", Encoding.UTF8.GetBytes(node.Name), leader.Version);
        Assert.True(added.IsWritten);

        await using var client = await GroupClient.ConnectAsync(new GroupClientOptions { Nodes = [node.Address], Messages = messages });
        client.Watch("shop", view => Console.WriteLine($"{view.Members.Length} members"));
        await client.SendAsync("shop", new ServerJoined("c", 3306));
        await Deadline.UntilAsync(() => servers.Count == 3, "all are handled");
        Assert.Equal(["a", "b", "c"], servers);
        await node.StopAsync();
        Assert.False(writable);
    }

    [Fact]
    public void EverySnippetOfTheGuideIsInThisFile()
    {
        var source = Squeeze(File.ReadAllText(Repository.Combine("tests", "Flotilla.Groups.Tests", "Api", "GuideTests.cs")));
        var parts = File.ReadAllText(Repository.Combine("docs", "guides", "groups.md")).Split("```csharp");
        Assert.True(parts.Length > 5);
        foreach (var part in parts.Skip(1))
            Assert.Contains(Squeeze(part[..part.IndexOf("```", StringComparison.Ordinal)]), source);
    }

    private static void Handle(Group group, List<string> servers)
    {
        group.OnQuery<StockQuestion, Stock>((question, context) => new Stock(question.Article.Length));
        group.OnCheckpoint(
            make: async writer =>
            {
                foreach (var server in servers)
                    await writer.WriteAsync(new ServerJoined(server, 3306));
            },
            load: async reader =>
            {
                servers.Clear();
                while (await reader.HasMoreAsync())
                    servers.Add((await reader.ReadAsync<ServerJoined>()).Server);
            },
            isPersistent: true);
    }

    private static Task WriteReportAsync(ulong token, CancellationToken lost)
    {
        Assert.True(token > 0);
        lost.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }

    /// <summary>Without indentation and empty lines.</summary>
    private static string Squeeze(string text)
        => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}

internal sealed record ServerJoined(string Server, int Port);

internal sealed record StockQuestion(string Article);

internal sealed record Stock(int Count);

[JsonSerializable(typeof(ServerJoined))]
[JsonSerializable(typeof(StockQuestion))]
[JsonSerializable(typeof(Stock))]
internal sealed partial class ShopMessages : JsonSerializerContext;
