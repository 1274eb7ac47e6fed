using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A client's message that is not confirmed.</summary>
internal sealed class ClientSend(string group, Delivery delivery, byte[] body)
{
    private readonly TaskCompletionSource<ulong> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Group => group;

    public Delivery Delivery => delivery;

    public byte[] Body => body;

    /// <summary>How many connections it went out on.</summary>
    public int Attempts { get; set; }

    public Task<ulong> Ended => _ended.Task;

    public void End(ulong sequence) => _ended.TrySetResult(sequence);

    public void Fail(Exception failure) => _ended.TrySetException(failure);
}
