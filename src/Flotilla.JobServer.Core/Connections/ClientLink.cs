namespace Flotilla.JobServer.Core;

/// <summary>One foreground client waiting for one job.</summary>
internal struct ClientLink : ISlot
{
    public int Job;

    /// <summary>The client's slot.</summary>
    public int Connection;
    public int NextOfJob;
    public int PreviousOfJob;
    public int NextOfConnection;
    public int PreviousOfConnection;

    public int NextFree
    {
        readonly get => NextOfJob;
        set => NextOfJob = value;
    }
}
