using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sandbox;

/// <summary>Whether a port can be listened on now, and who has it when it can't. Stateless.</summary>
public static class PortCheck
{
    private const string Listening = "0A";

    /// <summary>The same for an address as a sandbox has it: * is any.</summary>
    internal static bool IsFree(string bindAddress, int port) => IsFree(bindAddress == "*" ? IPAddress.Any : IPAddress.Parse(bindAddress), port);

    /// <summary>Listens there for a moment.</summary>
    /// <exception cref="SandboxException">It is no address of this host, or may not be listened on.</exception>
    public static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
        catch (SocketException failure)
        {
            throw new SandboxException(
                SandboxProblem.BadRequest, $"{new IPEndPoint(address, port)} can't be listened on: {failure.Message}. Is it an address of this host?", failure);
        }
    }

    /// <summary>process 812 (mariadbd), or no more than that it is taken.</summary>
    public static string Holder(int port)
        => HolderProcess(port) is { } process ? $"process {process.ToString(CultureInfo.InvariantCulture)} ({ProcessTable.NameOf(process)})" : "another process";

    /// <summary>Who listens on a port, at whatever address; null where that can't be told: nobody, or a process of another user.</summary>
    public static int? HolderProcess(int port)
    {
        try
        {
            return ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(File.ReadLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(cells => cells.Length > 9 && cells[3] == Listening && cells[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
                .Select(cells => ProcessTable.HolderOf($"socket:[{cells[9]}]")).FirstOrDefault(process => process is not null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without /proc, or the right to look into it, there is no more to say.
            return null;
        }
    }
}
