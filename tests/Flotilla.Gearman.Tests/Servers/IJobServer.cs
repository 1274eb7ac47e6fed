namespace Flotilla.Gearman.Tests.Servers;

/// <summary>A job server of a test's own or shared by all.</summary>
public interface IJobServer : IAsyncDisposable
{
    GearmanAddress Address { get; }

    /// <summary>Ends it without warning.</summary>
    Task KillAsync();

    /// <summary>Starts it again on the same port, with nothing in it.</summary>
    Task RestartAsync();
}
