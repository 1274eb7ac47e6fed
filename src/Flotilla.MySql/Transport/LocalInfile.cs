namespace Flotilla.MySql.Transport;

/// <summary>Sends what a LOCAL INFILE handler gives: packets of content, then an empty one.</summary>
internal static class LocalInfile
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>The reason, if nothing or not all was sent; the server's answer is then still to be read.</summary>
    public static async ValueTask<Exception?> SendAsync(MySqlConnection connection, PacketChannel channel, string name)
    {
        Exception? refusal = null;
        try
        {
            if (connection.Options.LocalInfile is not { } handler)
            {
                refusal = new MySqlException($"the server asks for the file {name}, though LocalInfile is not set; it got nothing");
            }
            else if (await handler(name, connection.CommandToken) is { } stream)
            {
                await using (stream)
                    await CopyAsync(stream, channel, connection.CommandToken);
            }
            else
            {
                refusal = new MySqlException($"the handler of LocalInfile refused the file {name}");
            }
        }
        catch (Exception e) when (e is not MySqlConnectionLostException)
        {
            refusal = new MySqlException($"the file {name} could not be sent: {e.Message}", e);
        }

        channel.Begin();
        await channel.SendAsync();
        return refusal;
    }

    private static async ValueTask CopyAsync(Stream stream, PacketChannel channel, CancellationToken cancellationToken)
    {
        while (true)
        {
            var packet = channel.Begin();
            var read = await stream.ReadAsync(packet.GetMemory(PieceBytes)[..PieceBytes], cancellationToken);
            if (read == 0)
                return;
            packet.Advance(read);
            await channel.SendAsync();
        }
    }
}
