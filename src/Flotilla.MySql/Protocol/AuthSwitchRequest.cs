namespace Flotilla.MySql.Protocol;

/// <summary>
/// The server wants another authentication method: <code>1 0xfe | s0 method | rest: its nonce, often with a zero byte after it</code>
/// A packet of the first byte alone asks for the passwords of MySQL 4.0, which nobody should give.
/// </summary>
public sealed record AuthSwitchRequest(string Method, byte[] Nonce)
{
    public static AuthSwitchRequest Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "authentication switch");
        reader.Expect(0xfe);
        if (reader.Remaining == 0)
            return new AuthSwitchRequest("mysql_old_password", []);
        var method = reader.ReadNulTerminatedText();
        var nonce = reader.ReadRest();
        // 20 bytes that are never zero, and a zero; or 32 bytes of any value.
        return new AuthSwitchRequest(method, (nonce.Length == 21 && nonce[20] == 0 ? nonce[..20] : nonce).ToArray());
    }
}
