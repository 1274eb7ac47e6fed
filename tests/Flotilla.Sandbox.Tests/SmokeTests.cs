using System.Diagnostics;

namespace Flotilla.Sandbox.Tests;

public sealed class SmokeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("mariadb", SandboxTopology.Single)]
    [InlineData("mariadb", SandboxTopology.Replication)]
    [InlineData("mariadb", SandboxTopology.Ring)]
    [InlineData("mariadb", SandboxTopology.AllMasters)]
    [InlineData("mariadb", SandboxTopology.FanIn)]
    [InlineData("mysql", SandboxTopology.Single)]
    [InlineData("mysql", SandboxTopology.Replication)]
    public async Task Smoke(string server, SandboxTopology topology)
    {
        var folder = Directory.CreateTempSubdirectory("fsb-").FullName;
        var root = new SandboxRoot(folder);
        try
        {
            var spec = new SandboxSpec { Server = await ServerFinder.Create().FindAsync(server), Topology = topology };
            foreach (var turn in (string[])["cold", "warm"])
            {
                var watch = Stopwatch.StartNew();
                var made = await root.CreateAsync(spec, new Told(step => output.WriteLine($"{watch.ElapsedMilliseconds} {step.Number}/{step.Total} {step.Text}")));
                output.WriteLine($"{turn}: {watch.ElapsedMilliseconds} ms");
                foreach (var status in (await root.StatusAsync(made.Name)).Nodes)
                    output.WriteLine(status.ToString());
                watch.Restart();
                Assert.True(await root.RemoveAsync(made.Name));
                output.WriteLine($"removed: {watch.ElapsedMilliseconds} ms");
            }
        }
        finally
        {
            foreach (var one in root.List())
                await root.RemoveAsync(one.Name);
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Told(Action<SandboxStep> tell) : IProgress<SandboxStep>
    {
        public void Report(SandboxStep value) => tell(value);
    }
}
