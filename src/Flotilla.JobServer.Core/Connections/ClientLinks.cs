namespace Flotilla.JobServer.Core;

/// <summary>Who waits for what: links between foreground clients and jobs, in a list per job and a list per client.</summary>
internal sealed class ClientLinks(JobTable jobs)
{
    public const int None = -1;
    private const int ChunkShift = 10;
    private readonly SlotPool<ClientLink> _links = new(ChunkShift);

    public ref ClientLink this[int link] => ref _links[link];

    public void Attach(ConnectionState client, int job)
    {
        var number = _links.Allocate();
        ref var link = ref _links[number];
        ref var record = ref jobs[job];
        link = new ClientLink
        {
            Job = job,
            Connection = client.Slot,
            NextOfJob = record.FirstLink,
            PreviousOfJob = None,
            NextOfConnection = client.FirstLink,
            PreviousOfConnection = None,
        };
        if (record.FirstLink != None)
            _links[record.FirstLink].PreviousOfJob = number;
        if (client.FirstLink != None)
            _links[client.FirstLink].PreviousOfConnection = number;
        record.FirstLink = number;
        client.FirstLink = number;
    }

    public void Detach(ConnectionState client, int number)
    {
        ref var link = ref _links[number];
        if (link.PreviousOfJob == None)
            jobs[link.Job].FirstLink = link.NextOfJob;
        else
            _links[link.PreviousOfJob].NextOfJob = link.NextOfJob;
        if (link.NextOfJob != None)
            _links[link.NextOfJob].PreviousOfJob = link.PreviousOfJob;
        if (link.PreviousOfConnection == None)
            client.FirstLink = link.NextOfConnection;
        else
            _links[link.PreviousOfConnection].NextOfConnection = link.NextOfConnection;
        if (link.NextOfConnection != None)
            _links[link.NextOfConnection].PreviousOfConnection = link.PreviousOfConnection;
        _links.Free(number);
    }

    public int CountOf(int job)
    {
        var count = 0;
        for (var link = jobs[job].FirstLink; link != None; link = _links[link].NextOfJob)
            count++;
        return count;
    }
}
