namespace Flotilla.Simulation.Groups;

/// <summary>A promise that a trace breaks: the promise's name, what is wrong, and the number of the line that shows it.</summary>
public sealed record Violation(string Name, string What, int Line)
{
    public override string ToString() => $"{Name}: {What} (line {Line})";
}
