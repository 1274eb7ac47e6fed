namespace Flotilla.Guard;

/// <summary>What a guard told without being asked.</summary>
/// <param name="Kind">What.</param>
/// <param name="State">The state then; the last one known for <see cref="GuardEventKind.LeaseRefused"/> and <see cref="GuardEventKind.Lost"/>.</param>
/// <param name="Refusal">Why a lease was refused.</param>
public readonly record struct GuardEvent(GuardEventKind Kind, GuardState State, GuardRefusal Refusal = GuardRefusal.None);
