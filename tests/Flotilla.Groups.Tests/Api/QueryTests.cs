using System.Collections.Concurrent;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class QueryTests
{
    private static readonly TimeSpan s_long = Deadline.Default;

    [Fact]
    public async Task EveryMemberIsAsked()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var groups = await cluster.JoinAsync("g", (group, index) => group.OnQuery<Question, Answer>((question, _) => new Answer(question.Text, index)));
        var result = await groups[1].QueryAsync<Question, Answer>(new Question("?"), Replies.All, s_long);
        Assert.True(result.IsComplete);
        Assert.Equal([0, 1, 2], result.Values.Select(answer => answer.Number).Order());
        Assert.All(result.Answers, answer => Assert.Equal(answer.From, cluster[answer.Value!.Number].Id));
    }

    [Fact]
    public async Task AMajorityIsEnoughWhenItIsAskedFor()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var never = new TaskCompletionSource<Answer?>();
        var groups = await cluster.JoinAsync("g", (group, index) => group.OnQuery<Question, Answer>((_, _) => index == 2 ? never.Task : Task.FromResult<Answer?>(new Answer("", index))));
        var result = await groups[0].QueryAsync<Question, Answer>(new Question("?"), Replies.Majority, s_long);
        Assert.Equal([0, 1], result.Values.Select(answer => answer.Number).Order());
        never.SetResult(null);
    }

    [Fact]
    public async Task NullAnExceptionAndNoHandlerAreAnswersToo()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var groups = await cluster.JoinAsync("g", (group, index) =>
        {
            if (index == 0)
                group.OnQuery<Question, Answer>((_, _) => (Answer?)null);
            else if (index == 1)
                group.OnQuery<Question, Answer>((Func<Question, MessageContext, Answer?>)((_, _) => throw new FormatException("I don't know")));
        });
        var result = await groups[0].QueryAsync<Question, Answer>(new Question("?"), Replies.All, s_long);
        var byMember = result.Answers.ToDictionary(answer => answer.From);
        Assert.Equal(ReplyStatus.Null, byMember[cluster[0].Id].Status);
        Assert.Equal((ReplyStatus.Aborted, "I don't know"), (byMember[cluster[1].Id].Status, byMember[cluster[1].Id].Reason));
        Assert.Equal(ReplyStatus.Null, byMember[cluster[2].Id].Status);
    }

    [Fact]
    public async Task WhoeverIsTooLateIsNamed()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var never = new TaskCompletionSource<Answer?>();
        var groups = await cluster.JoinAsync("g", (group, index) => group.OnQuery<Question, Answer>((_, _) => index == 1 ? never.Task : Task.FromResult<Answer?>(new Answer("", 0))));
        var result = await groups[0].QueryAsync<Question, Answer>(new Question("?"), Replies.All, TimeSpan.FromMilliseconds(300));
        Assert.False(result.IsComplete);
        Assert.Contains(result.Answers, answer => answer.From == cluster[1].Id && answer.Status == ReplyStatus.TimedOut);
        never.SetResult(null);
    }

    [Fact]
    public async Task ADepartedMemberDoesNotHoldItUp()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<Answer?>();
        var groups = await cluster.JoinAsync("g", (group, index) => group.OnQuery<Question, Answer>((_, _) =>
        {
            if (index != 2)
                return Task.FromResult<Answer?>(new Answer("", index));
            asked.SetResult();
            return never.Task;
        }));
        var query = groups[0].QueryAsync<Question, Answer>(new Question("?"), Replies.All, s_long * 2);
        await asked.Task.WaitAsync(s_long);
        never.SetCanceled();
        await cluster[2].KillAsync();
        var result = await query.WaitAsync(s_long);
        Assert.Equal(3, result.Answers.Length);
    }

    [Fact]
    public async Task AQueryWithinAHandlerOfTheSameGroupIsRefusedAtOnce()
    {
        await using var cluster = await Cluster.StartAsync(1);
        ConcurrentQueue<GroupProblem> problems = [];
        cluster[0].Problem += problems.Enqueue;
        var groups = await cluster.JoinAsync("g", (group, _) => group.On<string>((_, _) => group.QueryAsync<Question, Answer>(new Question("?"), Replies.All, s_long)));
        await groups[0].SendAsync("x").WaitAsync(s_long);
        await Deadline.UntilAsync(() => !problems.IsEmpty, "it is reported");
        Assert.Contains("must not wait", Assert.Single(problems).Failure!.Message);
    }
}
