namespace Flotilla.Sandbox.Tests.Support;

/// <summary>Progress told at once, on the thread that makes it.</summary>
internal sealed class Told(Action<SandboxStep> tell) : IProgress<SandboxStep>
{
    public void Report(SandboxStep value) => tell(value);
}
