using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Guard;
using Flotilla.MySql;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>Looks at one of this node's servers. A process that was not seen before is prepared first. One look at a time.</summary>
internal sealed class ServerWatch(
    NodeServerOptions options, ManagedServer managed, ServerControl control, ServerObserver observer, IServerProcess running, Func<ClusterState?> state, ServerLimits limits, ILogger logger)
{
    /// <summary>A look is over within a second, whatever happens.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan LeastLeft = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PreparedPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>A server that is left alone is not asked again at once: each question may be a line in its log.</summary>
    private static readonly TimeSpan LeftAlonePeriod = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = TimeProvider.System;
    private Task _preparing = Task.CompletedTask;
    private readonly StartFile? _file = options.Supervise == Supervision.Watch ? new StartFile(options) : null;
    private string? _obstacle;
    private (long Life, long AskedAt) _leftAlone;
    private WriteProbe? _probe;
    private long _probedAt;

    public ServerTrust Trust { get; } = new();

    /// <summary>The process that runs now answered, and is prepared.</summary>
    public bool IsPrepared => running.State is { IsAlive: true } process && Trust.IsPrepared(process.StartedNs);

    /// <summary>How it replicated when it last answered.</summary>
    public ReplicaObservation? Replica { get; private set; }

    public async Task<ServerObservation> SeeAsync(CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        var process = running.State;
        if (!process.IsAlive)
            return Silent("its process does not run");
        if (!Trust.IsPrepared(process.StartedNs) && await ObstacleAsync(process.StartedNs, cancellationToken) is { } obstacle)
            return Silent(obstacle);
        var left = Within - _time.GetElapsedTime(begun);
        left = left < LeastLeft ? LeastLeft : left;
        var probing = ProbeAsync(left, cancellationToken);
        var seen = await observer.ObserveAsync(left, cancellationToken);
        var probe = await probing;
        if (seen.IsAnswering)
            Replica = seen.Replica;
        return (seen.IsAnswering && probe.Outcome != WriteProbeOutcome.Committed ? Silent($"it can't write: {probe.Error}") : seen) with
        {
            IsRunning = true,
            RecoveredAs = process.Role switch { GuardRole.Primary => ServerRole.Primary, GuardRole.Replica => ServerRole.Replica, _ => null },
        };
    }

    /// <summary>Waits for <see cref="IsPrepared"/>.</summary>
    public async Task UntilPreparedAsync(CancellationToken cancellationToken)
    {
        while (!IsPrepared)
            await Task.Delay(PreparedPeriod, cancellationToken);
    }

    private static ServerObservation Silent(string why) => new() { IsAnswering = false, Error = why };

    private async Task<WriteProbe> ProbeAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        if (_probe is { Outcome: WriteProbeOutcome.Committed } last && _time.GetElapsedTime(_probedAt) < ProbePeriod)
            return last;
        _probedAt = _time.GetTimestamp();
        _probe = await observer.ProbeAsync(within, cancellationToken);
        // Somebody may have taken the table away.
        if (_probe.Outcome == WriteProbeOutcome.Refused)
            Trust.Unprepare();
        return _probe;
    }

    private async Task<string?> ObstacleAsync(long life, CancellationToken cancellationToken)
    {
        if (_preparing.IsCompleted && !IsLeftAlone(life))
            _preparing = PrepareAsync(life, cancellationToken);
        try
        {
            await _preparing.WaitAsync(Within, cancellationToken);
            return _obstacle;
        }
        catch (TimeoutException)
        {
            return "it is being prepared";
        }
    }

    private bool IsLeftAlone(long life) => _leftAlone.AskedAt != 0 && _leftAlone.Life == life && _time.GetElapsedTime(_leftAlone.AskedAt) < LeftAlonePeriod;

    // Nothing is changed on a server that was not started as it must be: somebody may just have entered it.
    private async Task<string?> AbsenceAsync(StartFile file, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await MySqlConnection.OpenAsync(options.Administrator with { ConnectTimeout = Within, CommandTimeout = Within }, cancellationToken);
            return await session.QueryScalarAsync("SELECT @@report_user", cancellationToken) == file.Mark ? null : file.Absence;
        }
        catch (MySqlException failure)
        {
            return $"it does not say how it was started: {failure.Message}";
        }
    }

    private async Task PrepareAsync(long life, CancellationToken cancellationToken)
    {
        try
        {
            if (_file is not null && await AbsenceAsync(_file, cancellationToken) is { } absence)
            {
                if (_obstacle != absence)
                    Log.GuardTold(logger, options.Name.ToString(), absence);
                (_obstacle, _leftAlone) = (absence, (life, _time.GetTimestamp()));
                return;
            }

            uint[] ids = [.. (state()?.Servers ?? []).Select(server => server.Spec.ServerId).Append(options.ServerId).Distinct()];
            var doubts = Trust.Doubts;
            if (!Trust.IsAlone(life))
            {
                await control.EndFormerSessionsAsync(options.Administrator, cancellationToken);
                Trust.Alone(life, doubts);
            }

            var report = await ServerPreparation.PrepareAsync(managed, options.Administrator, ids, limits, _time, cancellationToken);
            foreach (var finding in report.Findings)
                Log.SettingWrong(logger, options.Name.ToString(), finding.ToString());
            foreach (var account in report.UnfencedAccounts)
                Log.AccountUnfenced(logger, options.Name.ToString(), account);
            _obstacle = report.IsSafe ? null : report.Findings.First(finding => !finding.IsMended).ToString();
            if (_obstacle is null)
                Trust.Prepared(life, doubts);
        }
        catch (ServerActionException failure)
        {
            _obstacle = string.Create(CultureInfo.InvariantCulture, $"it could not be prepared: {failure.Answer}");
        }
    }
}
