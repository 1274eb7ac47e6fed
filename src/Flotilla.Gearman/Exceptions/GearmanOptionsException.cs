namespace Flotilla.Gearman;

/// <summary>Options that can't be used, with everything that is wrong with them.</summary>
public sealed class GearmanOptionsException(IReadOnlyList<string> problems) : GearmanException(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
