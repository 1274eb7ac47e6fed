namespace Flotilla.Simulation.Exhaustive;

/// <summary>What may still happen, and which connections are open, in the bits of one number.</summary>
internal readonly record struct Budget(int Packed)
{
    private const int BeatsShift = 0;
    private const int CrashesShift = 2;
    private const int RestartsShift = 4;
    private const int DropsShift = 6;
    private const int SentShift = 8;
    private const int UpShift = 10;

    public Budget(ExploreOptions options)
        : this((options.Beats << BeatsShift) | (options.Crashes << CrashesShift) | (options.Restarts << RestartsShift) | (options.Drops << DropsShift) | (AllUp << UpShift))
    {
    }

    private static int AllUp => 0b011_101_110;

    public int Beats
    {
        get => (Packed >> BeatsShift) & 3;
        init => Packed = (Packed & ~(3 << BeatsShift)) | (value << BeatsShift);
    }

    public int Crashes => (Packed >> CrashesShift) & 3;

    public int Restarts
    {
        get => (Packed >> RestartsShift) & 3;
        init => Packed = (Packed & ~(3 << RestartsShift)) | (value << RestartsShift);
    }

    public int Drops
    {
        get => (Packed >> DropsShift) & 3;
        init => Packed = (Packed & ~(3 << DropsShift)) | (value << DropsShift);
    }

    public bool IsSent(int message) => ((Packed >> (SentShift + message)) & 1) != 0;

    public Budget Sent(int message) => new(Packed | (1 << (SentShift + message)));

    /// <summary>Whether a node believes that it is connected to a peer.</summary>
    public bool IsUp(int node, int peer) => ((Packed >> (UpShift + (node * ExploredCluster.Nodes) + peer)) & 1) != 0;

    public Budget With(int node, int peer, bool isUp)
    {
        var bit = 1 << (UpShift + (node * ExploredCluster.Nodes) + peer);
        return new(isUp ? Packed | bit : Packed & ~bit);
    }

    /// <summary>The process is gone; its peers don't know yet.</summary>
    public Budget Crashed(int node) => new((Packed - (1 << CrashesShift)) & ~(7 << (UpShift + (node * ExploredCluster.Nodes))));
}
