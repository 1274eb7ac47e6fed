using System.Text;

namespace Flotilla.Gearman.Protocol.Tests;

public sealed class AdminTextTests
{
    [Theory]
    [InlineData("plain", "plain", "plain")]
    [InlineData("App\\Mail\\Send", "App\\Mail\\Send", "App\\Mail\\Send")]
    [InlineData("a b", "a b", "a\\x20b")]
    [InlineData("a\nb", "a\\x0ab", "a\\x0ab")]
    [InlineData("a\tb", "a\\x09b", "a\\x09b")]
    [InlineData("a\0\u007f", "a\\x00\\x7f", "a\\x00\\x7f")]
    [InlineData("\\x20", "\\x5cx20", "\\x5cx20")]
    [InlineData("\\x2", "\\x2", "\\x2")]
    [InlineData("\\\n", "\\\\x0a", "\\\\x0a")]
    [InlineData("größe", "größe", "größe")]
    public void B18NamesThatWouldBreakAListAreEscapedReversibly(string name, string column, string word)
    {
        Assert.Equal(column, Write(AdminText.AppendColumn, name));
        Assert.Equal(word, Write(AdminText.AppendWord, name));
        Assert.Equal(name, AdminText.Unescape(Encoding.UTF8.GetBytes(column)));
        Assert.Equal(name, AdminText.Unescape(Encoding.UTF8.GetBytes(word)));
    }

    [Fact]
    public void B18NoNameCorruptsStatusOrWorkers()
    {
        var random = new SeededRandom(5);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[1 + random.Next(12)];
            foreach (ref var value in bytes.AsSpan())
                value = "ab\\x0129 \t\r\n:.\0"u8[random.Next(14)];
            var name = Encoding.ASCII.GetString(bytes);
            var output = new ByteQueue();
            AdminAnswers.WriteStatusRow(output, bytes, 3, 2, 1);
            Assert.True(StatusRow.TryParse(OneLine(output), out var status, out _));
            Assert.Equal(new StatusRow(name, 3, 2, 1), status);

            output.Clear();
            AdminAnswers.WriteWorkerStart(output, 7, "::1"u8, bytes);
            AdminAnswers.WriteWorkerFunction(output, bytes);
            AdminAnswers.WriteWorkerFunction(output, "other"u8);
            AdminAnswers.WriteRowEnd(output);
            Assert.True(WorkerRow.TryParse(OneLine(output), out var worker, out _));
            Assert.Equal(name, worker!.ClientId);
            Assert.Equal([name, "other"], worker.Functions);
        }
    }

    [Fact]
    public void AUniqueKeyThatIsAPointDoesNotEndTheList()
    {
        var output = new ByteQueue();
        AdminAnswers.WriteUniqueRow(output, "."u8);
        AdminAnswers.WriteUniqueRow(output, ".."u8);
        Assert.Equal("\\x2e\n..\n", Encoding.ASCII.GetString(output.ToArray()));
        Assert.Equal(".", UniqueRow.Parse("\\x2e"u8).Unique);
    }

    private delegate void Appender(ByteQueue output, ReadOnlySpan<byte> name);

    private static string Write(Appender append, string name)
    {
        var output = new ByteQueue();
        append(output, Encoding.UTF8.GetBytes(name));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static byte[] OneLine(ByteQueue output)
    {
        var bytes = output.ToArray();
        Assert.Equal(bytes.Length - 1, Array.IndexOf(bytes, (byte)'\n'));
        return bytes[..^1];
    }
}
