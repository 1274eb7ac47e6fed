namespace Flotilla.Guard;

/// <summary>A guard said no.</summary>
/// <param name="refusal">Why.</param>
/// <param name="epoch">The newest epoch that the guard has seen.</param>
/// <param name="error">The system's number for why; 0 for none.</param>
public sealed class GuardRefusedException(GuardRefusal refusal, ulong epoch, int error)
    : GuardException($"the guard refused: {refusal}{(error == 0 ? "" : $" ({Libc.Describe(error)})")}; the newest epoch it has seen is {epoch}")
{
    public GuardRefusal Refusal { get; } = refusal;

    public ulong Epoch { get; } = epoch;

    public int Error { get; } = error;
}
