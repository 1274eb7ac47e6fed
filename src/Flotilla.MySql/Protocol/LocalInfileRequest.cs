using System.Text;

namespace Flotilla.MySql.Protocol;

/// <summary>The server asks for a file, in answer to LOAD DATA LOCAL INFILE: <code>1 0xfb | rest: name</code></summary>
public readonly record struct LocalInfileRequest(string Name)
{
    public static LocalInfileRequest Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "LOCAL INFILE request");
        reader.Expect(0xfb);
        return new LocalInfileRequest(Encoding.UTF8.GetString(reader.ReadRest()));
    }
}
