using System.Net.Sockets;

namespace Flotilla.Sockets;

/// <summary>A listening socket of a <see cref="PortableLoop"/>.</summary>
internal sealed class PortableListener(PortableLoop loop, Socket socket, SocketListenerOptions options) : SocketListener(loop, socket, options);
