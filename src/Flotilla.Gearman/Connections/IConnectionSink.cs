namespace Flotilla.Gearman.Connections;

/// <summary>Takes what a connection receives, on the connection's receive loop: never at the same time, always in order.</summary>
internal interface IConnectionSink
{
    void OnPacket(in IncomingPacket packet);

    /// <summary>A text line without its line end.</summary>
    void OnLine(ReadOnlySpan<byte> line);

    /// <summary>The connection has ended; called once, last.</summary>
    void OnClosed(Exception reason);
}
