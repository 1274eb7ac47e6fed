using Flotilla.Cli.Rendering;
using Flotilla.Cli.Tests.Support;

namespace Flotilla.Cli.Tests.Rendering;

public sealed class ListingTests
{
    [Fact]
    public void PlainColumnsLineUpAndEndWithoutBlanks()
        => Assert.Equal("Name    Count   Size\na           1    5 B\nlonger     20  1 KiB\n", Write(false));

    [Fact]
    public void JsonHasBareValuesAndHiddenColumns()
        => Assert.Equal("""[{"name":"a","count":1,"sizeBytes":5,"secret":true},{"name":"longer","count":20,"sizeBytes":1024,"secret":false}]""", Write(true).TrimEnd());

    [Fact]
    public void WhatATerminalWouldObeyIsShownAsACode()
        => Assert.Equal("a\\x1b[31m\\x0ab", CellText.Printable("a\u001b[31m\nb"));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(64L * 1024 * 1024, "64 MiB")]
    public void BytesAreReadable(long bytes, string text) => Assert.Equal(text, CellText.FormatBytes(bytes));

    [Theory]
    [InlineData(850, "850 ms")]
    [InlineData(12_340, "12.3 s")]
    [InlineData(245_000, "4m05s")]
    [InlineData(12_000_000, "3h20m")]
    [InlineData(187_200_000, "2d04h")]
    public void DurationsAreReadable(long milliseconds, string text) => Assert.Equal(text, CellText.FormatDuration(milliseconds));

    [Fact]
    public void ATerminalGetsATableWithColoursUnlessItSaysNo()
    {
        var colored = new TestConsole { IsOutputTerminal = true };
        ListingWriter.Write(colored, Sample(), asJson: false);
        Assert.Contains("\u001b[", colored.Written, StringComparison.Ordinal);
        Assert.Contains("│", colored.Written, StringComparison.Ordinal);
        var plain = new TestConsole { IsOutputTerminal = true };
        plain.Variables["NO_COLOR"] = "1";
        ListingWriter.Write(plain, Sample(), asJson: false);
        Assert.DoesNotContain("\u001b[38", plain.Written, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsAreColouredOnATerminalOnly()
    {
        var terminal = new TestConsole { IsErrorTerminal = true };
        ErrorText.Write(terminal, "wrong", "do this");
        Assert.Equal("\u001b[31mflotilla: wrong\u001b[0m\n\u001b[2m  do this\u001b[0m\n", terminal.Errors);
        var file = new TestConsole();
        ErrorText.Write(file, "wrong", "do this");
        Assert.Equal("flotilla: wrong\n  do this\n", file.Errors);
    }

    private static string Write(bool asJson)
    {
        var console = new TestConsole();
        ListingWriter.Write(console, Sample(), asJson);
        Assert.All(console.Written.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        return console.Written;
    }

    private static Listing Sample()
    {
        var listing = new Listing(
            new Column("Name", "name"), new Column("Count", "count", CellKind.Count), new Column("Size", "sizeBytes", CellKind.Bytes),
            new Column("Secret", "secret", CellKind.Flag) { InTable = false });
        listing.Add("a", 1, 5, true);
        listing.Add("longer", 20L, 1024L, false);
        return listing;
    }
}
