namespace Flotilla.Sandbox;

/// <summary>Counts steps and tells them. Thread-safe.</summary>
internal sealed class Steps(IProgress<SandboxStep>? progress, int total)
{
    private readonly Lock _gate = new();
    private int _total = total;
    private int _number;

    public void Expect(int more)
    {
        lock (_gate)
            _total += more;
    }

    public void Begin(string text)
    {
        lock (_gate)
        {
            _number++;
            _total = Math.Max(_total, _number);
            progress?.Report(new SandboxStep(_number, _total, text));
        }
    }
}
