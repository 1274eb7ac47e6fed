using System.ComponentModel;
using System.Diagnostics;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Guard;
using Flotilla.MySql;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// A server that somebody else starts: found by who listens on its socket, given to the guard, and killed by the node itself when the guard is gone. Only a server that was started with
/// <see cref="StartFile"/> is touched, and without a guard only one that is read-only is taken.
/// </summary>
internal sealed class ServerAttachment(NodeServerOptions options, GuardLink guard, ILogger logger) : IDisposable
{
    /// <summary>As long as a server may take to recover.</summary>
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(30);

    /// <summary>From the end of the command that starts it.</summary>
    private static readonly TimeSpan ListenWithin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan QuestionWithin = TimeSpan.FromSeconds(2);

    /// <summary>A server that is refused is not asked again at once: each question is a line in its log.</summary>
    private static readonly TimeSpan RefusedPeriod = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly StartFile _file = new(options);
    private readonly Lock _holding = new();
    private SocketOwner? _held;
    private string? _obstacle;

    /// <summary>Looks for a process that nobody guards, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isWritten = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var before = _obstacle;
            try
            {
                if (!isWritten)
                    Write(ServerRole.Primary);
                isWritten = true;
                await AttachAsync(GuardRole.Primary, cancellationToken);
            }
            catch (ServerActionException failure)
            {
                _obstacle = failure.Answer;
            }
            catch (Exception failure) when (failure is GuardException or OperationCanceledException)
            {
                // Not now: the link to the guard says why itself.
            }

            if (_obstacle is { } obstacle && obstacle != before)
                Log.GuardTold(logger, options.Name.ToString(), obstacle);
            await Task.Delay(_obstacle is null ? Period : RefusedPeriod, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Has the server started in a role, and gives it to the guard.</summary>
    /// <exception cref="ServerActionException">It does not start, or is not as it must be.</exception>
    public async Task StartAsync(ServerRole role, CancellationToken cancellationToken)
    {
        // Somebody else may have started it already, in the role that the file gives.
        if (await IsAttachedAsync(GuardRole.Primary, cancellationToken))
            return;
        Write(role);
        try
        {
            await RunStartCommandAsync(cancellationToken);
            var begun = TimeProvider.System.GetTimestamp();
            while (!await IsAttachedAsync(role == ServerRole.Primary ? GuardRole.Primary : GuardRole.Replica, cancellationToken))
            {
                if (TimeProvider.System.GetElapsedTime(begun) > ListenWithin)
                    throw NotStarted($"nobody listens on {options.Socket}");
                await Task.Delay(StartPeriod, cancellationToken);
            }
        }
        finally
        {
            Write(ServerRole.Primary);
        }
    }

    /// <summary>Before its data folder is changed.</summary>
    /// <exception cref="ServerActionException">A process listens on its socket.</exception>
    public void RequireEnded()
    {
        using var owner = SocketOwner.Find(options.Socket);
        if (owner is not null)
            throw NotStarted("somebody started it again: its supervisor must leave that to the node (Restart=no)");
    }

    /// <summary>The guard is gone: nobody else would kill the server when its lease is over.</summary>
    public void KillUnguarded()
    {
        lock (_holding)
        {
            _held?.Kill();
            Release();
        }
    }

    public void Dispose()
    {
        lock (_holding)
            Release();
        _one.Dispose();
    }

    private async Task<bool> IsAttachedAsync(GuardRole role, CancellationToken cancellationToken)
        => await AttachAsync(role, cancellationToken) || (_obstacle is { } obstacle ? throw NotStarted(obstacle) : false);

    /// <summary>True when the guard has the server.</summary>
    private async Task<bool> AttachAsync(GuardRole role, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        SocketOwner? owner = null;
        try
        {
            var client = guard.Client;
            if (client.State.Phase == GuardedPhase.Running && IsHeld(client.State.ServerProcess))
                return true;
            _obstacle = null;
            owner = SocketOwner.Find(options.Socket);
            if (owner is null)
                return false;
            var isGuarded = client.State.Phase == GuardedPhase.Running;
            if (isGuarded && client.State.ServerProcess != owner.Process)
                return false;
            if (!isGuarded && (_obstacle = await ObstacleAsync(owner, cancellationToken)) is not null)
                return false;
            // Before the guard has it: if that is lost meanwhile, the node kills it.
            Hold(owner);
            var process = owner.Process;
            owner = null;
            if (!isGuarded)
                await GiveToGuardAsync(client, role, process, cancellationToken);
            await guard.TellAsync();
            return true;
        }
        finally
        {
            owner?.Dispose();
            _one.Release();
        }
    }

    private async Task GiveToGuardAsync(GuardClient client, GuardRole role, int process, CancellationToken cancellationToken)
    {
        try
        {
            await client.AttachAsync(role, client.State.Epoch, process, cancellationToken);
            await client.StatusAsync(cancellationToken);
        }
        catch (GuardRefusedException)
        {
            lock (_holding)
                Release();
            throw;
        }
    }

    private bool IsHeld(int process)
    {
        lock (_holding)
            return _held?.Process == process;
    }

    private void Hold(SocketOwner owner)
    {
        lock (_holding)
        {
            Release();
            _held = owner;
        }
    }

    private void Release()
    {
        _held?.Dispose();
        _held = null;
    }

    /// <summary>Why a process that nobody guards is not taken.</summary>
    private async Task<string?> ObstacleAsync(SocketOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            var session = options.Administrator with { ConnectTimeout = QuestionWithin, CommandTimeout = QuestionWithin };
            await using var connection = await MySqlConnection.OpenAsync(session, cancellationToken);
            var answer = (await connection.QueryTableAsync("SELECT @@report_user, @@read_only", cancellationToken)).Rows[0];
            if (answer[0] != _file.Mark)
                return _file.Absence;
            if (answer[1] == "1")
                return null;
        }
        catch (MySqlException failure)
        {
            return $"it does not say how it was started: {failure.Message}";
        }

        owner.Kill();
        return "it was writable, and nobody guarded it: it is killed";
    }

    private async Task RunStartCommandAsync(CancellationToken cancellationToken)
    {
        // Its output is not read: what it starts in the background would have the pipe, too.
        var start = new ProcessStartInfo(options.StartCommand[0], options.StartCommand.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                await process.WaitForExitAsync(cancellationToken).WaitAsync(StartWithin, cancellationToken);
            }
            catch (Exception late) when (late is TimeoutException or OperationCanceledException)
            {
                process.Kill();
                cancellationToken.ThrowIfCancellationRequested();
                throw NotStarted($"{start.FileName} took longer than {StartWithin.TotalMinutes:0} minutes");
            }

            if (process.ExitCode != 0)
                throw NotStarted($"{start.FileName} ended with {process.ExitCode}");
        }
        catch (Win32Exception failure)
        {
            throw NotStarted($"{start.FileName} can't be run: {failure.Message}");
        }
    }

    private void Write(ServerRole role)
    {
        try
        {
            _file.Write(role);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotStarted($"{_file.Path}: {failure.Message}");
        }
    }

    private ServerActionException NotStarted(string why) => new(options.Name, "start", ServerActionProblem.NotReady, statement: null, why);
}
