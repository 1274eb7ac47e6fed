using System.Net;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>A job server that can be stopped at once and started again on its port.</summary>
internal interface IServerUnderTest : IAsyncDisposable
{
    IPEndPoint Endpoint { get; }

    Task StopAsync();

    Task StartAgainAsync();
}
