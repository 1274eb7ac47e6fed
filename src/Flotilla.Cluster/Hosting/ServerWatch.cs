using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Guard;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>Looks at one of this node's servers. A process that was not seen before is prepared first. One look at a time.</summary>
internal sealed class ServerWatch(
    NodeServerOptions options, ManagedServer managed, ServerControl control, ServerObserver observer, GuardLink guard, Func<ClusterState?> state, ServerLimits limits, ILogger logger)
{
    /// <summary>A look is over within a second, whatever happens.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan LeastLeft = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PreparedPeriod = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time = TimeProvider.System;
    private Task _preparing = Task.CompletedTask;
    private string? _obstacle;
    private WriteProbe? _probe;
    private long _probedAt;

    public ServerTrust Trust { get; } = new();

    /// <summary>The process that runs now answered, and is prepared.</summary>
    public bool IsPrepared => guard.State is { IsAlive: true } process && Trust.IsPrepared(process.StartedNs);

    /// <summary>How it replicated when it last answered.</summary>
    public ReplicaObservation? Replica { get; private set; }

    public async Task<ServerObservation> SeeAsync(CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        var process = guard.State;
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
        if (_preparing.IsCompleted)
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

    private async Task PrepareAsync(long life, CancellationToken cancellationToken)
    {
        try
        {
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
