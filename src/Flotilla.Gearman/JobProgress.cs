namespace Flotilla.Gearman;

/// <summary>How far a job says it is: two numbers whose meaning is the worker's, usually done and whole.</summary>
public readonly record struct JobProgress(long Numerator, long Denominator)
{
    /// <summary>0 to 1, or 0 when the denominator says nothing.</summary>
    public double Fraction => Denominator > 0 ? Math.Clamp((double)Numerator / Denominator, 0, 1) : 0;
}
