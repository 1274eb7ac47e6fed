using Flotilla.Cli.Gearmand;

namespace Flotilla.Cli.Tests.Launcher;

public sealed class GearmandArgumentsTests
{
    [Theory]
    [InlineData("-vvv", "unrecognised option '-vvv'")]
    [InlineData("--bogus", "unrecognised option '--bogus'")]
    [InlineData("--por 5", "unrecognised option '--por'")]
    [InlineData("foo", "unrecognised option 'foo'")]
    [InlineData("-- foo", "unrecognised option 'foo'")]
    [InlineData("-", "unrecognised option '-'")]
    [InlineData("-dx", "unrecognised option '-dx'")]
    [InlineData("--port", "the required argument for option '--port' is missing")]
    [InlineData("--port=", "the argument for option '--port' should follow immediately after the equal sign")]
    [InlineData("--threads abc", "the argument ('abc') for option '--threads' is invalid")]
    [InlineData("--threads 4294967296", "the argument ('4294967296') for option '--threads' is invalid")]
    [InlineData("--daemon=1", "option '--daemon' does not take any arguments")]
    [InlineData("-p 1 -p 2", "option '--port' cannot be specified more than once")]
    [InlineData("--verbose info", "Invalid value for --verbose supplied")]
    [InlineData("--config-file /none", "Could not open configuration file.")]
    [InlineData("-V --bogus", "unrecognised option '--bogus'")]
    public void WrongLinesAreRefusedInGearmandsWords(string line, string error)
    {
        var invocation = Parse(line);
        Assert.Equal(GearmandIntent.Refuse, invocation.Intent);
        Assert.Equal(error, invocation.Error);
    }

    [Fact]
    public void EveryWayToGiveAValueIsTaken()
    {
        var settings = Parse("-p5001 --threads=2 -L 127.0.0.1 -dP /tmp/pid --keepalive-count -1 --verbose DEBUG").Settings;
        Assert.Equal("5001", settings.Port);
        Assert.Equal(2u, settings.Threads);
        Assert.Equal("127.0.0.1", settings.Listen);
        Assert.True(settings.IsDaemon);
        Assert.Equal("/tmp/pid", settings.PidFile);
        Assert.Equal(GearmandVerbosity.Debug, settings.Verbosity);
    }

    [Fact]
    public void NothingGivenMeansGearmandsDefaults()
    {
        var invocation = Parse("");
        Assert.Equal(GearmandIntent.Serve, invocation.Intent);
        Assert.Equal(new GearmandSettings { IgnoredWords = invocation.Settings.IgnoredWords }, invocation.Settings);
    }

    [Fact]
    public void ANegativeCountWrapsRoundAsInGearmand()
        => Assert.Equal(uint.MaxValue, Parse("--threads=-1").Settings.Threads);

    [Theory]
    [InlineData("--config-file f")]
    [InlineData("@f")]
    public void AConfigurationFileHoldsTheSameWordsAndTheLineCountsMore(string how)
    {
        var settings = Parse($"{how} -p 6000", file: "--port=5000\n--listen 127.0.0.1 stray\n-t 2").Settings;
        Assert.Equal("6000", settings.Port);
        Assert.Equal("127.0.0.1", settings.Listen);
        Assert.Equal(2u, settings.Threads);
        Assert.Equal(["stray"], settings.IgnoredWords);
    }

    [Fact]
    public void AWrongWordInTheFileIsToldWithTheFile()
        => Assert.Equal("unrecognised option '--bogus' (in f)", Parse("--config-file f", file: "--bogus").Error);

    [Theory]
    [InlineData("", "7003")]
    [InlineData("-p 4730", "7003")]
    [InlineData("-p 4731", "4731")]
    public void TheEnvironmentsPortStandsInForTheDefaultOne(string line, string port)
        => Assert.Equal(port, Parse(line, ("GEARMAND_PORT", "7003")).Settings.Port);

    [Fact]
    public void TheEnvironmentNamesTheFilesOfTls()
    {
        var settings = Parse("--ssl", ("GEARMAND_CA_CERTIFICATE", "ca"), ("GEARMAND_SERVER_PEM", "pem"), ("GEARMAND_SERVER_KEY", "key")).Settings;
        Assert.Equal(("ca", "pem", "key"), (settings.SslCaFile, settings.SslCertificate, settings.SslKey));
    }

    [Theory]
    [InlineData("--check-args -h -V", nameof(GearmandIntent.CheckOnly))]
    [InlineData("-V -h", nameof(GearmandIntent.ShowHelp))]
    [InlineData("--version", nameof(GearmandIntent.ShowVersion))]
    public void CheckingComesBeforeHelpAndHelpBeforeTheVersion(string line, string intent)
        => Assert.Equal(intent, Parse(line).Intent.ToString());

    [Fact]
    public void EveryShownOptionStandsInTheHelpWithItsLetter()
    {
        var help = GearmandHelp.HelpText();
        foreach (var option in GearmandOptionTable.All.Where(option => !option.IsHidden))
            Assert.Contains(option.Letter is { } letter ? $"-{letter} [ --{option.Name} ]" : $"--{option.Name}", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData(GearmandVerbosity.Info, "main", "   INFO 2026-11-21 02:28:00.724106 [  main ] Shutdown complete")]
    [InlineData(GearmandVerbosity.Error, "4", "  ERROR 2026-11-21 02:28:00.724106 [     4 ] Shutdown complete")]
    internal void LogLinesLookLikeGearmands(GearmandVerbosity level, string thread, string line)
        => Assert.Equal(
            line, GearmandLogLine.Format(level, new DateTimeOffset(2026, 11, 21, 2, 28, 0, TimeSpan.Zero).AddMicroseconds(724106), thread, "Shutdown complete"));

    private static GearmandInvocation Parse(string line, params (string Name, string Value)[] environment) => Parse(line, null, environment);

    private static GearmandInvocation Parse(string line, string? file, params (string Name, string Value)[] environment)
        => GearmandArguments.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            name => environment.FirstOrDefault(one => one.Name == name).Value,
            path => path == "f" ? file : null);
}
