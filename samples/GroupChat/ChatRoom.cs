using Flotilla.Groups;
using Flotilla.Groups.Core;

namespace Flotilla.Samples.GroupChat;

/// <summary>Lines that all see in the same order. Who comes later gets what was said before from one who is there.</summary>
internal sealed class ChatRoom
{
    private const int KeptLines = 100;

    private readonly Group _group;
    private readonly Queue<string> _history = new();

    public ChatRoom(GroupNode node)
    {
        // Handlers run one after another in the order of delivery, so the history needs no lock.
        _group = node.Group("chat")
            .On<string>((line, context) => Keep($"{NameOf(context.Sender)}: {line}"))
            .OnView(ShowView)
            .OnCheckpoint(MakeAsync, LoadAsync, ForgetAsync);
    }

    public Task EnterAsync() => _group.JoinAsync();

    public Task SayAsync(string line) => _group.SendAsync(line);

    public void ShowMembers() => Console.WriteLine("* here are " + string.Join(", ", _group.Members.Select(member => member.Name)));

    private void ShowView(GroupView view)
        => Console.WriteLine($"* view {view.Number} of epoch {view.Epoch}: {string.Join(", ", view.Members.Select(member => member.Name))}");

    private string NameOf(MemberId sender) => _group.Members.FirstOrDefault(member => member.Id == sender)?.Name ?? "somebody who left";

    private void Keep(string line)
    {
        Console.WriteLine(line);
        _history.Enqueue(line);
        if (_history.Count > KeptLines)
            _history.Dequeue();
    }

    private async Task MakeAsync(CheckpointWriter writer)
    {
        foreach (var line in _history)
            await writer.WriteAsync(line);
    }

    private async Task LoadAsync(CheckpointReader reader)
    {
        _history.Clear();
        while (await reader.HasMoreAsync())
            Keep(await reader.ReadAsync<string>());
    }

    private Task ForgetAsync()
    {
        _history.Clear();
        return Task.CompletedTask;
    }
}
