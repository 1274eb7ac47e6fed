using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>Asks a server by text command, one connection per question.</summary>
internal static class AdminLine
{
    /// <summary>The lines of a list answer without the closing dot.</summary>
    public static async Task<List<string>> ListAsync(IPEndPoint server, string command)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line && line is not ".")
            lines.Add(line);
        return lines;
    }

    /// <summary>Counts from `status`: queued and running, running, workers; zeros for a function that is not there.</summary>
    public static async Task<(int Jobs, int Running, int Workers)> StatusAsync(IPEndPoint server, string function)
    {
        foreach (var line in await ListAsync(server, "status"))
        {
            var columns = line.Split('\t');
            if (string.Equals(columns[0], function, StringComparison.Ordinal))
                return (Number(columns[1]), Number(columns[2]), Number(columns[3]));
        }

        return default;
    }

    private static int Number(string column) => int.Parse(column, System.Globalization.CultureInfo.InvariantCulture);
}
