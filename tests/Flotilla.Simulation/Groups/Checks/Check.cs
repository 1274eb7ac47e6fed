namespace Flotilla.Simulation.Groups.Checks;

/// <summary>One promise.</summary>
internal abstract class Check
{
    /// <summary>More of the same help nobody.</summary>
    private const int ViolationsMax = 3;

    private List<Violation> _found = [];
    private int _count;

    protected Check() => Name = GetType().Name;

    public string Name { get; }

    public void Run(TraceIndex trace, List<Violation> found)
    {
        var fresh = (Check)MemberwiseClone();
        fresh._found = found;
        fresh._count = 0;
        fresh.Run(trace);
    }

    protected abstract void Run(TraceIndex trace);

    protected void Fail(int line, string what)
    {
        if (_count++ < ViolationsMax)
            _found.Add(new Violation(Name, what, line));
    }
}
