using System.Text;

namespace Flotilla.Gearman.Protocol.Tests;

public sealed class AdminRequestTests
{
    [Theory]
    [InlineData("status", AdminCommand.Status)]
    [InlineData("STATUS", AdminCommand.Status)]
    [InlineData("status with words after", AdminCommand.Status)]
    [InlineData("status ", AdminCommand.Status)]
    [InlineData(" status", AdminCommand.Unknown)]
    [InlineData("status\tx", AdminCommand.Unknown)]
    [InlineData("", AdminCommand.Unknown)]
    [InlineData("prioritystatus", AdminCommand.PriorityStatus)]
    [InlineData("workers", AdminCommand.Workers)]
    [InlineData("Version", AdminCommand.Version)]
    [InlineData("getpid", AdminCommand.GetPid)]
    [InlineData("verbose", AdminCommand.Verbose)]
    [InlineData("shutdown", AdminCommand.Unknown)]
    [InlineData("show", AdminCommand.Unknown)]
    [InlineData("show jobs", AdminCommand.ShowJobs)]
    [InlineData("SHOW  JOBS", AdminCommand.ShowJobs)]
    [InlineData("show jobs ", AdminCommand.ShowUnknown)]
    [InlineData("show unique jobs", AdminCommand.ShowUniqueJobs)]
    [InlineData("show unique", AdminCommand.ShowUnknown)]
    [InlineData("show x", AdminCommand.ShowUnknown)]
    [InlineData("show functions", AdminCommand.ShowFunctions)]
    [InlineData("show server", AdminCommand.ShowServer)]
    [InlineData("show schedules", AdminCommand.ShowSchedules)]
    [InlineData("show job H:a:1", AdminCommand.ShowJob)]
    [InlineData("show job", AdminCommand.ShowUnknown)]
    [InlineData("show queue F", AdminCommand.ShowQueue)]
    [InlineData("show queue F 10", AdminCommand.ShowQueue)]
    [InlineData("show dead", AdminCommand.ShowDead)]
    [InlineData("show dead F", AdminCommand.ShowDead)]
    [InlineData("cancel", AdminCommand.Unknown)]
    [InlineData("cancel job", AdminCommand.Unknown)]
    [InlineData("cancel job H:a:1", AdminCommand.CancelJob)]
    [InlineData("cancel a b", AdminCommand.CancelUnknown)]
    [InlineData("cancel job H:a:1 x", AdminCommand.CancelUnknown)]
    [InlineData("create function F", AdminCommand.CreateFunction)]
    [InlineData("create function", AdminCommand.Incomplete)]
    [InlineData("create x F", AdminCommand.Incomplete)]
    [InlineData("drop function F", AdminCommand.DropFunction)]
    [InlineData("drop", AdminCommand.Incomplete)]
    [InlineData("maxqueue", AdminCommand.Incomplete)]
    [InlineData("maxqueue F", AdminCommand.MaxQueue)]
    [InlineData("maxqueue F 1 2 3", AdminCommand.MaxQueue)]
    [InlineData("auth secret", AdminCommand.Auth)]
    [InlineData("auth", AdminCommand.Incomplete)]
    [InlineData("pause F", AdminCommand.Pause)]
    [InlineData("pause", AdminCommand.Incomplete)]
    [InlineData("resume F", AdminCommand.Resume)]
    [InlineData("drain F", AdminCommand.Drain)]
    [InlineData("policy F attempts=3 backoff=5s backoffmax=2m onfail=retry dead=keep", AdminCommand.Policy)]
    [InlineData("dead retry H:a:1", AdminCommand.DeadRetry)]
    [InlineData("dead retry all F", AdminCommand.DeadRetryAll)]
    [InlineData("dead drop H:a:1", AdminCommand.DeadDrop)]
    [InlineData("dead drop all F", AdminCommand.DeadDropAll)]
    [InlineData("dead drop some F", AdminCommand.Incomplete)]
    [InlineData("dead", AdminCommand.Incomplete)]
    [InlineData("nonsense a b", AdminCommand.Unknown)]
    public void CommandsAreUnderstood(string line, AdminCommand expected)
    {
        Assert.True(AdminRequest.TryParse(Encoding.ASCII.GetBytes(line), out var request, out _));
        Assert.Equal(expected, request.Command);
    }

    [Theory]
    [InlineData("status a b c d", true)]
    [InlineData("status a b c d e", false)]
    [InlineData("nonsense a b c d e", false)]
    [InlineData("maxqueue F 1 2 3 4", false)]
    [InlineData("policy F 1 2 3 4 5 6 7 8 9 10 11 12 13 14", true)]
    [InlineData("policy F 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", false)]
    public void MoreWordsThanItsCommandMayHaveAreAnError(string line, bool allowed)
    {
        Assert.Equal(allowed, AdminRequest.TryParse(Encoding.ASCII.GetBytes(line), out _, out var error));
        Assert.Equal(allowed ? ProtocolErrorKind.None : ProtocolErrorKind.TooManyWords, error.Kind);
    }

    [Fact]
    public void ArgumentsStandAfterTheWordsOfTheCommand()
    {
        Assert.True(AdminRequest.TryParse("maxqueue  F 1   2 3"u8, out var maxQueue, out _));
        Assert.Equal(4, maxQueue.ArgumentCount);
        Assert.Equal("F", Encoding.ASCII.GetString(maxQueue.Argument(0)));
        Assert.Equal("3", Encoding.ASCII.GetString(maxQueue.Argument(3)));
        Assert.True(maxQueue.Argument(4).IsEmpty);

        Assert.True(AdminRequest.TryParse("dead retry all F"u8, out var retry, out _));
        Assert.Equal(1, retry.ArgumentCount);
        Assert.Equal("F", Encoding.ASCII.GetString(retry.Argument(0)));

        Assert.True(AdminRequest.TryParse("auth a  secret "u8, out var auth, out _));
        Assert.Equal("a  secret ", Encoding.ASCII.GetString(auth.ArgumentToEnd(0)));

        Assert.True(AdminRequest.TryParse("create function fooo"u8, out var create, out _));
        Assert.Equal("fooo", Encoding.ASCII.GetString(create.Argument(0)));
    }
}
