using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Flotilla.Sandbox.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Sandbox.Tests;

/// <summary>Whatever goes wrong on the way: the reason is told, and nothing is left behind.</summary>
[Trait("tier", "full")]
public sealed class FaultTests(TemplateCache templates)
{
    [Theory]
    [InlineData("preparing", true)]
    [InlineData("installing master", true)]
    [InlineData("installing node2", false)]
    [InlineData("initializing", true)]
    [InlineData("initializing", false)]
    public async Task ASandboxWhoseMakerWasKilledIsFinishedOrRemoved(string step, bool isFinished)
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await using (var maker = ChildProcess.Start(["make", root.Folder, "half", "Replication", server.Server]))
        {
            while (!(await maker.ReadLineAsync()).StartsWith(step, StringComparison.Ordinal))
            {
            }

            maker.Kill();
            await maker.EndAsync();
        }

        Assert.Equal((SandboxState.Planned, false), (root.Root.Find("half")!.Record.State, root.Root.IsBusy("half")));
        if (isFinished)
        {
            var made = await root.Root.CreateAsync(new SandboxSpec { Name = "half", Topology = SandboxTopology.Replication, Server = server });
            Assert.True((await root.Root.StatusAsync("half")).IsWell);
            await Shell.MustAsync(Path.Combine(made.Folder, "test_replication"));
            await root.Root.RemoveAsync("half");
        }
        else
        {
            var steps = new List<string>();
            await root.Root.CreateAsync(new SandboxSpec { Name = "other", Server = server }, new Told(one => steps.Add(one.Text)));
            Assert.Contains("removing half, which was left half-made", steps);
            Assert.Null(root.Root.Find("half"));
            await root.Root.RemoveAsync("other");
        }

        root.MustBeEmpty();
    }

    [Fact]
    public async Task ATemplateWhoseMakerWasKilledIsMadeAnew()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = new TempRoot();
        await using (var maker = ChildProcess.Start(["make", root.Folder, "half", "Single", server.Server]))
        {
            while (!(await maker.ReadLineAsync()).StartsWith("preparing", StringComparison.Ordinal))
            {
            }

            await Deadline.UntilAsync(
                () => Directory.Exists(root.Combine(".templates")) && Directory.EnumerateDirectories(root.Combine(".templates"), "data.new", SearchOption.AllDirectories).Any(), "the template is being made");
            maker.Kill();
            await maker.EndAsync();
        }

        await root.Root.CreateAsync(new SandboxSpec { Name = "half", Server = server });
        Assert.True((await root.Root.StatusAsync("half")).IsWell);
        Assert.True(await root.Root.RemoveAsync("half"));
        root.MustBeEmpty();
        Assert.DoesNotContain(Directory.EnumerateDirectories(root.Combine(".templates")), folder => folder.EndsWith(".new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AHalfMadeSandboxThatIsAskedForInOtherWordsIsMadeAnew()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await using (var maker = ChildProcess.Start(["make", root.Folder, "half", "Single", server.Server]))
        {
            while (!(await maker.ReadLineAsync()).StartsWith("installing", StringComparison.Ordinal))
            {
            }

            maker.Kill();
            await maker.EndAsync();
        }

        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "half", Server = server, Options = ["max_connections=21"] });
        Assert.Equal("21", (await Shell.MustAsync(Path.Combine(made.Folder, "use"), "-BN", "-e", "SELECT @@max_connections")).Trim());
    }

    [Fact]
    public async Task ACancelledCreateLeavesNothing()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        foreach (var step in (string[])["preparing", "installing node1", "initializing"])
        {
            using var cancel = new CancellationTokenSource();
            var told = new Told(one =>
            {
                if (one.Text.StartsWith(step, StringComparison.Ordinal))
                    cancel.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => root.Root.CreateAsync(new SandboxSpec { Topology = SandboxTopology.Replication, Server = server }, told, cancel.Token));
            root.MustBeEmpty();
        }
    }

    [Fact]
    public async Task AServerThatDoesNotStartIsExplainedByItsLog()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var failure = await Assert.ThrowsAsync<SandboxException>(() => root.Root.CreateAsync(
            new SandboxSpec { Topology = SandboxTopology.Replication, Server = server, ReplicaOptions = ["no_such_option=1"] }));
        Assert.Equal(SandboxProblem.ServerFailed, failure.Problem);
        Assert.Matches("^node[12]: the server ended while it was starting", failure.Message);
        Assert.Contains("unknown variable 'no_such_option=1'", failure.Message, StringComparison.Ordinal);
        root.MustBeEmpty();
    }

    [Fact]
    public async Task APortThatIsLostBeforeTheServerListensIsReplaced()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        using var thief = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var stolen = 0;
        var told = new Told(one =>
        {
            if (stolen > 0 || !one.Text.StartsWith("installing", StringComparison.Ordinal))
                return;
            stolen = root.Root.Find("one")!.Nodes[0].Port;
            thief.Bind(new IPEndPoint(IPAddress.Loopback, stolen));
            thief.Listen(1);
        });
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "one", Server = server }, told);
        Assert.NotEqual(stolen, made.Nodes[0].Port);
        Assert.True((await root.Root.StatusAsync("one")).IsWell);
    }

    [Fact]
    public async Task AGivenPortThatIsTakenIsRefusedBeforeAnythingIsWritten()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen(1);
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var failure = await Assert.ThrowsAsync<SandboxException>(() => root.Root.CreateAsync(new SandboxSpec { Server = server, Port = port }));
        Assert.Equal(SandboxProblem.Conflict, failure.Problem);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
        root.MustBeEmpty();
    }

    [Fact]
    public async Task AFolderThatIsNoSandboxIsLeftAlone()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        Directory.CreateDirectory(root.Combine("mine"));
        File.WriteAllText(root.Combine("mine", "letter"), "dear");
        var failure = await Assert.ThrowsAsync<SandboxException>(() => root.Root.CreateAsync(new SandboxSpec { Name = "mine", Server = server }));
        Assert.Equal(SandboxProblem.Conflict, failure.Problem);
        Assert.False(await root.Root.RemoveAsync("mine"));
        Assert.Equal("dear", File.ReadAllText(root.Combine("mine", "letter")));
    }

    /// <summary>On a small file system of its own: full from the start, and full in the middle.</summary>
    [Fact]
    public async Task AFullDiskIsToldAndNothingIsLeft()
    {
        Assert.SkipUnless(SmallDisk.IsPossible, "only root can mount a small file system");
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        using var disk = SmallDisk.Mount(80 << 20);
        var sandboxes = new SandboxRoot(disk.Folder);
        var early = await Assert.ThrowsAsync<SandboxException>(() => sandboxes.CreateAsync(new SandboxSpec { Topology = SandboxTopology.Replication, Server = server }));
        Assert.Equal(SandboxProblem.Storage, early.Problem);
        Assert.Contains("MiB left; 3 servers need", early.Message, StringComparison.Ordinal);

        foreach (var step in (string[])["preparing", "installing"])
        {
            var filler = Path.Combine(disk.Folder, "filler");
            var told = new Told(one =>
            {
                if (one.Text.StartsWith(step, StringComparison.Ordinal))
                    Fill(filler);
            });
            var late = await Assert.ThrowsAsync<SandboxException>(() => sandboxes.CreateAsync(new SandboxSpec { Server = server }, told));
            Assert.True(late.Problem is SandboxProblem.Storage or SandboxProblem.ServerFailed, late.Message);
            File.Delete(filler);
            Assert.Empty(sandboxes.List());
            Assert.DoesNotContain(Directory.GetFileSystemEntries(disk.Folder), entry => Path.GetFileName(entry) is not (".templates" or ".locks"));
            if (step == "preparing")
                await templates.CopyToAsync(disk.Folder, server);
        }
    }

    [Fact]
    public async Task AHungServerIsRemovedAllTheSame()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        await root.Root.CreateAsync(new SandboxSpec { Name = "one", Server = server });
        var process = (await root.Root.StatusAsync("one")).Nodes[0].ProcessId!.Value;
        await Shell.MustAsync("/bin/kill", "-STOP", process.ToString(CultureInfo.InvariantCulture));
        Assert.True(await root.Root.RemoveAsync("one"));
        root.MustBeEmpty();
    }

    [Fact]
    public async Task AReplicaThatDiedIsSeenAndStartsAgain()
    {
        var server = await Servers.MariaDbAsync();
        await using var root = await TempRoot.CreateAsync(templates, server);
        var made = await root.Root.CreateAsync(new SandboxSpec { Name = "g", Topology = SandboxTopology.Replication, Nodes = 2, Server = server });
        await Shell.MustAsync(Path.Combine(made.Folder, "node1", "send_kill"), "destroy");
        Assert.Equal(["", "it does not run"], (await root.Root.StatusAsync("g")).Nodes.Select(node => node.Problem ?? ""));
        await root.Root.StartAsync("g");
        await Deadline.UntilAsync(async () => (await root.Root.StatusAsync("g")).IsWell, "the replica replicates");
        await root.Root.StopAsync("g");
        Assert.Equal(2, (await root.Root.StatusAsync("g")).Nodes.Count(node => node.ProcessId is null));
    }

    [Fact]
    public async Task AnUnknownOrSpoiltSandboxIsToldApart()
    {
        await using var root = new TempRoot();
        Assert.Equal(SandboxProblem.NotFound, (await Assert.ThrowsAsync<SandboxException>(() => root.Root.StartAsync("none"))).Problem);
        Assert.Equal(SandboxProblem.NotFound, (await Assert.ThrowsAsync<SandboxException>(() => root.Root.StatusAsync("../etc"))).Problem);
        Assert.False(await root.Root.RemoveAsync("none"));
        Directory.CreateDirectory(root.Combine("bad"));
        File.WriteAllText(root.Combine("bad", "sandbox.json"), "{");
        Assert.Contains("bad/sandbox.json can't be read", Assert.Throws<SandboxException>(() => root.Root.List()).Message, StringComparison.Ordinal);
        File.WriteAllText(root.Combine("bad", "sandbox.json"), JsonSerializer.Serialize(new { format = 2 }));
        Assert.Throws<SandboxException>(() => root.Root.List());
    }

    private static void Fill(string path)
    {
        try
        {
            using var file = File.Create(path);
            var block = new byte[1 << 20];
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
    }
}
