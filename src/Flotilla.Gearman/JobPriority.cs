namespace Flotilla.Gearman;

/// <summary>Jobs of a higher priority are handed out first; among equals the oldest.</summary>
public enum JobPriority
{
    Normal,
    High,
    Low,
}
