namespace Flotilla.Deployment;

/// <summary>Counts steps and tells them. Thread-safe.</summary>
internal sealed class StepTeller(IProgress<DeploymentStep>? progress, int total)
{
    private readonly Lock _gate = new();
    private int _number;

    public void Begin(string text)
    {
        lock (_gate)
        {
            _number++;
            progress?.Report(new DeploymentStep(_number, Math.Max(total, _number), text, IsDetail: false));
        }
    }

    public void Detail(string text)
    {
        lock (_gate)
            progress?.Report(new DeploymentStep(_number, Math.Max(total, _number), text, IsDetail: true));
    }
}
