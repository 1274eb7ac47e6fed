using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>A long answer to a text command, written piece by piece while the machine does other work in between.</summary>
internal abstract class Listing
{
    /// <summary>Things looked at per slice: well under a millisecond.</summary>
    protected const int ItemsPerSlice = 2000;

    /// <summary>Writes the next piece; true when that was the last.</summary>
    public abstract bool WriteSlice(MachineState state, ByteQueue output);
}
