using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>Runs actions on one server, each in a session and with a deadline of its own, and says what went wrong.</summary>
internal sealed class ActionRunner(ManagedServer server, ServerLimits limits, TimeProvider time)
{
    public TimeProvider Time => time;

    public Task RunAsync(string action, TimeSpan within, Func<ActionSession, Task> act, CancellationToken cancellationToken)
        => RunAsync(
            action,
            within,
            async session =>
            {
                await act(session);
                return true;
            },
            cancellationToken);

    /// <exception cref="ServerActionException">It failed, or the deadline passed.</exception>
    public async Task<T> RunAsync<T>(string action, TimeSpan within, Func<ActionSession, Task<T>> act, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        ActionSession? session = null;
        try
        {
            var options = server.Session with { ConnectTimeout = Least(within, limits.Quick), CommandTimeout = within, KillTimeout = limits.Kill, Time = time };
            session = await ActionSession.OpenAsync(options, both.Token);
            return await act(session);
        }
        catch (Exception failure) when (failure is MySqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Explain(action, within, session, failure, limit.IsCancellationRequested);
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
    }

    public ServerActionException NotReady(string action, string why) => new(server.Name, action, ServerActionProblem.NotReady, statement: null, why);

    public ServerActionException Unsupported(string action, string why) => new(server.Name, action, ServerActionProblem.Unsupported, statement: null, why);

    public ServerActionException Failed(string action, string program, string why, Exception? cause = null)
        => new(server.Name, action, ServerActionProblem.Failed, program, why, cause);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private ServerActionException Explain(string action, TimeSpan within, ActionSession? session, Exception failure, bool isLate)
    {
        var (problem, answer) = failure switch
        {
            _ when isLate => (ServerActionProblem.TimedOut, $"not done within {within.TotalSeconds:0.###} s"),
            MySqlTimeoutException => (ServerActionProblem.TimedOut, failure.Message),
            MySqlServerException => (ServerActionProblem.Refused, failure.Message),
            _ => (ServerActionProblem.Unreachable, failure.Message),
        };
        return new ServerActionException(server.Name, action, problem, session?.Statement, answer, failure);
    }
}
