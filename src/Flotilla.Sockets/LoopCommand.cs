namespace Flotilla.Sockets;

/// <summary>Something to do on the loop's thread that is the loop's own business, not the handler's.</summary>
internal sealed class LoopCommand(Action action, Action? discard = null)
{
    public void Run() => action();

    /// <summary>Instead of <see cref="Run"/> when the loop is gone: frees what the command holds.</summary>
    public void Discard() => discard?.Invoke();
}
