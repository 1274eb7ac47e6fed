namespace Flotilla.Groups.Tests.Api;

/// <summary>The state of a small replicated program: the numbers it was told.</summary>
internal sealed class CounterState
{
    private readonly Lock _lock = new();
    private List<int> _numbers = [];

    public int Loads { get; private set; }

    public List<int> Numbers
    {
        get
        {
            lock (_lock)
                return [.. _numbers];
        }
    }

    public bool Has(int number) => Numbers.Contains(number);

    public Group Attach(Group group, bool isPersistent = false) => group
        .On<Counted>((message, _) =>
        {
            lock (_lock)
                _numbers.Add(message.Number);
        })
        .OnCheckpoint(
            async writer =>
            {
                foreach (var number in Numbers)
                    await writer.WriteAsync(new Counted(number, "saved"));
            },
            async reader =>
            {
                List<int> loaded = [];
                while (await reader.HasMoreAsync())
                    loaded.Add((await reader.ReadAsync<Counted>()).Number);
                lock (_lock)
                    _numbers = loaded;
                Loads++;
            },
            isPersistent: isPersistent);
}
