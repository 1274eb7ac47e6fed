using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Sandbox;

/// <summary>Whether a port can be listened on now, and who has it when it can't.</summary>
internal static class PortCheck
{
    private const string Listening = "0A";

    public static bool IsFree(string bindAddress, int port)
    {
        var address = bindAddress == "*" ? IPAddress.Any : IPAddress.Parse(bindAddress);
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
                SandboxProblem.BadRequest, $"{bindAddress}:{port} can't be listened on: {failure.Message}. Is it an address of this host?", failure);
        }
    }

    /// <summary>process 812 (mariadbd), or no more than that it is taken.</summary>
    public static string Holder(int port)
    {
        try
        {
            var inode = ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(File.ReadLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(cells => cells.Length > 9 && cells[3] == Listening && cells[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
                .Select(cells => cells[9]).FirstOrDefault();
            if (inode is not null && ProcessTable.HolderOf($"socket:[{inode}]") is { } process)
                return $"process {process.ToString(CultureInfo.InvariantCulture)} ({ProcessTable.NameOf(process)})";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without /proc, or the right to look into it, there is no more to say.
        }

        return "another process";
    }
}
