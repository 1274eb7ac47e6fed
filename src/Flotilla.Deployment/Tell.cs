namespace Flotilla.Deployment;

/// <summary>Progress told at once, on the thread that makes it.</summary>
internal sealed class Tell<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
