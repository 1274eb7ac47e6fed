namespace Flotilla.Bench.Clusters;

/// <summary>What is done to the server that takes writes.</summary>
internal enum Fault
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP; SIGCONT later, if it is still there.</summary>
    Hang,

    /// <summary>Its host's cable is pulled, and put back later.</summary>
    Cut,

    /// <summary>It is well, and another one is asked for.</summary>
    Switchover,
}
