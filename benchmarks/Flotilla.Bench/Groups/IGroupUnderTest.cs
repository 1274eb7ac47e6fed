namespace Flotilla.Bench.Groups;

/// <summary>Three members of one group, each in a network of its own.</summary>
internal interface IGroupUnderTest : IAsyncDisposable
{
    IReadOnlyList<Probe> Probes { get; }

    /// <summary>The node that orders the messages, where there is one; else 0.</summary>
    int Sequencer { get; }
}
