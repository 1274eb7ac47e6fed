using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>
/// Both sides of the primary lease. As a member: a lease of T from an instant of the own clock after which a majority of voters was heard of by the
/// sequencer. As a voter: no new view without the others for T(1+rho) after the sequencer's clock was acknowledged.
/// </summary>
internal sealed class LeaseKeeper(LogState state)
{
    private long _promisedUntilNs = long.MinValue;
    private Lease _lease;
    private bool _isHeld;

    public Lease Lease => _isHeld ? _lease : default;

    private long WaitNs => state.Context.Options.LeaseNs + DriftOf(state.Context.Options.LeaseNs);

    /// <summary>A process does not know what its earlier lives promised.</summary>
    public void OnStart() => _promisedUntilNs = state.Context.NowNs + WaitNs;

    /// <summary>As a voter: the sequencer's clock came, and is going to be acknowledged.</summary>
    public void OnBeat() => _promisedUntilNs = Math.Max(_promisedUntilNs, state.Context.NowNs + WaitNs);

    /// <summary>As a voter: how long the leases it helped to give may still run.</summary>
    public long RemainingNs => Math.Max(0, _promisedUntilNs - state.Context.NowNs);

    /// <summary>A time measured by another clock, in this one's.</summary>
    public long DriftOf(long durationNs) => (long)((Int128)durationNs * state.Context.Options.ClockDriftPpm / 1_000_000) + 1;

    /// <summary>As a member: after this instant of the own clock a majority of voters was heard of.</summary>
    public void OnConfirmed(long clockNs)
    {
        Invariant.Require(clockNs <= state.Context.NowNs);
        if (!state.IsMember || state.IsSealed)
            return;
        var next = new Lease(state.Epoch, clockNs + state.Context.Options.LeaseNs);
        if (!next.IsValidAt(state.Context.NowNs) || (_isHeld && _lease.Epoch == next.Epoch && next.UntilNs <= _lease.UntilNs))
            return;
        _lease = next;
        _isHeld = true;
        state.Context.Effects.LeaseExtended(next);
    }

    /// <summary>Before every step: what ran out is over before anything else happens.</summary>
    public void Expire()
    {
        if (_isHeld && !_lease.IsValidAt(state.Context.NowNs))
            Lose();
    }

    /// <summary>Out: nothing may be done for the view any more.</summary>
    public void Lose()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        state.Context.Effects.PrimaryLost(_lease.Epoch);
    }
}
