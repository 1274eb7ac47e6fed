using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>What people want to be done when a primary is made.</summary>
public sealed class HookRunnerTests
{
    private static readonly ServerSpec Server = new() { Name = new ServerName("db-a"), Host = "10.0.0.1", Port = 3306, ServerId = 1 };

    private static Task<string?> RunAsync(HookOptions hook, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task>? runJob = null)
        => new HookRunner(hook, runJob).RunAsync(Server, ClusterState.Empty with { LastEpoch = 7 }, CancellationToken.None);

    private static HookOptions Shell(string script) => new() { Command = ["/bin/sh", "-c", script], Within = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task AProgramFindsTheServerInItsEnvironment()
        => Assert.Null(await RunAsync(Shell("test \"$FLOTILLA_SERVER $FLOTILLA_HOST:$FLOTILLA_PORT $FLOTILLA_EPOCH $FLOTILLA_CAUSE\" = 'db-a 10.0.0.1:3306 7 '")));

    [Fact]
    public async Task AProgramThatFailsSaysWhy() => Assert.Equal("/bin/sh ended with 3: no address left", await RunAsync(Shell("echo no address left >&2; exit 3")));

    [Fact]
    public async Task AProgramThatIsNotThereIsTold()
        => Assert.Contains("can't be run", await RunAsync(new HookOptions { Command = ["/no/such/program"] }), StringComparison.Ordinal);

    [Fact]
    public async Task AProgramThatTakesTooLongIsKilledWithItsChildren()
    {
        var began = Environment.TickCount64;

        Assert.Contains("took longer than 0.2 s", await RunAsync(Shell("sleep 30; true") with { Within = TimeSpan.FromMilliseconds(200) }), StringComparison.Ordinal);
        Assert.True(Environment.TickCount64 - began < 20_000);
    }

    [Fact]
    public async Task AJobGetsTheServerAsItsWorkload()
    {
        var told = "";

        Assert.Null(await RunAsync(new HookOptions { Function = "announce" }, (function, workload, _) =>
        {
            told = $"{function} {Encoding.UTF8.GetString(workload.Span)}";
            return Task.CompletedTask;
        }));

        Assert.Equal("""announce {"server":"db-a","host":"10.0.0.1","port":3306,"epoch":7,"cause":""}""", told);
    }

    [Fact]
    public async Task AJobThatFailsOrIsLateOrHasNoServerIsTold()
    {
        var hook = new HookOptions { Function = "announce", Within = TimeSpan.FromMilliseconds(100) };

        Assert.Contains("no worker wants it", await RunAsync(hook, (_, _, _) => throw new InvalidOperationException("no worker wants it")), StringComparison.Ordinal);
        Assert.Contains("took longer", await RunAsync(hook, (_, _, cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken)), StringComparison.Ordinal);
        Assert.Contains("no job server", await RunAsync(hook), StringComparison.Ordinal);
    }

    [Fact]
    public void EitherAProgramOrAJob()
    {
        Assert.Empty(Shell("true").Validate());
        Assert.Empty(new HookOptions { Function = "f" }.Validate());
        Assert.NotEmpty(new HookOptions().Validate());
        Assert.NotEmpty((Shell("true") with { Function = "f" }).Validate());
        Assert.NotEmpty(new HookOptions { Command = ["relative"] }.Validate());
    }
}
