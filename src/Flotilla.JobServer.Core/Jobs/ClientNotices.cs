using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>What the clients of a job are told of it, and its worker when it is cancelled.</summary>
internal sealed class ClientNotices(MachineState state)
{
    /// <summary>Tells all clients that the job failed, and lets them go.</summary>
    public void Fail(int job)
    {
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        var written = state.Handles.Write(state.Jobs[job].Id, handle);
        Forward(job, PacketType.WorkFail, written);
        DetachAll(job);
    }

    public void DetachAll(int job)
    {
        while (state.Jobs[job].FirstLink != ClientLinks.None)
        {
            var link = state.Jobs[job].FirstLink;
            state.Links.Detach(state.Connections[state.Links[link].Connection], link);
        }
    }

    /// <summary>Passes a worker's packet on to all clients; a large one is copied once for all of them.</summary>
    public void Forward(int job, PacketType type, ReadOnlySpan<byte> body)
    {
        var link = state.Jobs[job].FirstLink;
        if (link == ClientLinks.None)
            return;
        var isShared = body.Length >= PacketWriter.SharePayloadFromBytes && state.Links[link].NextOfJob != ClientLinks.None;
        ReadOnlyMemory<byte> shared = isShared ? body.ToArray() : default;
        for (; link != ClientLinks.None; link = state.Links[link].NextOfJob)
        {
            var output = state.Replies.To(state.Connections[state.Links[link].Connection]);
            if (isShared)
            {
                PacketWriter.WriteHead(output, PacketMagic.Response, type, default, body.Length);
                output.AppendShared(shared);
            }
            else
            {
                PacketWriter.Write(output, PacketMagic.Response, type, body);
            }
        }
    }

    /// <summary>An exception goes as such to clients that asked for it; the others are told that the job failed.</summary>
    /// <param name="job">The job.</param>
    /// <param name="body">Handle, zero byte, what the worker said.</param>
    /// <param name="terminatedHandle">The handle with its zero byte, as those who get WORK_FAIL for an exception see it.</param>
    public void Exception(int job, ReadOnlySpan<byte> body, ReadOnlySpan<byte> terminatedHandle)
    {
        for (var link = state.Jobs[job].FirstLink; link != ClientLinks.None; link = state.Links[link].NextOfJob)
        {
            var client = state.Connections[state.Links[link].Connection];
            if (client.WantsExceptions)
                PacketWriter.Write(state.Replies.To(client), PacketMagic.Response, PacketType.WorkException, body);
            else
                PacketWriter.Write(state.Replies.To(client), PacketMagic.Response, PacketType.WorkFail, terminatedHandle);
        }
    }

    /// <summary>Tells the worker of a cancelled job, if it asked to be told.</summary>
    public void TellWorker(int job)
    {
        var worker = state.Connections[state.Jobs[job].Worker];
        if (!worker.WantsCancellations)
            return;
        Span<byte> handle = stackalloc byte[JobHandles.SizeBytesMax];
        PacketWriter.Write(state.Replies.To(worker), PacketMagic.Response, PacketType.WorkFail, state.Handles.Write(state.Jobs[job].Id, handle));
    }
}
