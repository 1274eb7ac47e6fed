using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>A message on its way: its position, once it is delivered here. Until then it uses up some of the node's <see cref="SendBudget"/>.</summary>
internal sealed class SendCommand(Group group, Delivery delivery) : SimpleCommand
{
    private int _bytes;

    /// <summary>It found room.</summary>
    public void Send(ReadOnlySpan<byte> body)
    {
        _bytes = body.Length;
        group.Node.Dispatcher.Send(group.Number, delivery, body, this);
    }

    public override void OnBatchEnd()
    {
        GiveBack();
        base.OnBatchEnd();
    }

    public override void Fail(Exception failure)
    {
        GiveBack();
        base.Fail(failure);
    }

    private void GiveBack()
    {
        var bytes = Interlocked.Exchange(ref _bytes, 0);
        if (bytes > 0)
            group.Node.Dispatcher.Budget.Give(bytes);
    }
}
