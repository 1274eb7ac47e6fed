using System.Runtime.Versioning;
using Flotilla.Cli.Commands.Up;
using Flotilla.Cli.Rendering;
using Flotilla.Cli.Tests.Support;

namespace Flotilla.Cli.Tests.Commands;

/// <summary>Where <c>flotilla up</c> makes something, and what it leaves alone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class UpFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Folder => _folder.Combine("up");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a-name-that-is-long-enough-to-leave-no-room-for-the-names-of-the-sockets-which-servers-and-guards-make-in-their-folders", "is too long")]
    [InlineData("a\"quote", "holds \"")]
    [InlineData("a#sign", "holds #")]
    public async Task AFolderWhereNoServerCanRunIsRefusedBeforeAnythingIsMade(string name, string reason)
    {
        var result = (await Run.FlotillaAsync("up", "--detach", "--folder", _folder.Combine(name))).MustEndWith(ExitCode.Usage);

        Assert.Contains(reason, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine(name)));
    }

    [Fact]
    public async Task WhatIsSomebodyElsesIsNeitherUsedNorRemoved()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "servers"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "secret"), "mine");

        (await Run.FlotillaAsync("up", "--detach", "--folder", Folder)).MustEndWith(ExitCode.Refused);
        var down = await Run.FlotillaAsync("down", "--delete", "--yes", "--folder", Folder);

        Assert.Contains("'flotilla up' made nothing there", down.Errors, StringComparison.Ordinal);
        Assert.Equal(["secret", "servers"], Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task OneIsAtWorkAtATime()
    {
        using var taken = new UpFolder(Folder).Lock();

        foreach (var command in (string[][])[["up", "--detach"], ["down"], ["down", "--delete", "--yes"]])
            Assert.Contains("is at work in", (await Run.FlotillaAsync([.. command, "--folder", Folder])).MustEndWith(ExitCode.Refused).Errors, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Folder));
    }

    [Fact]
    public void AFolderIsItsUsersOnly()
    {
        using var taken = new UpFolder(Folder).Lock();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
    }

    [Fact]
    public void AFolderHasOneName()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateSymbolicLink(_folder.Combine("link"), Folder);
        Directory.CreateSymbolicLink(_folder.Combine("indirect"), "link");
        var real = new UpFolder(Folder).Path;

        foreach (var other in (string[])["up/", "./up", "link", "link/", "indirect/../indirect"])
            Assert.Equal(real, new UpFolder(_folder.Combine(other)).Path);
        Assert.Equal(Path.Combine(real, "not", "there"), new UpFolder(_folder.Combine("link/not/there")).Path);
    }

    [Theory]
    [InlineData("--json wants --detach", "--json")]
    [InlineData("--for wants --load", "--for", "1s")]
    public async Task OptionsThatWouldDoNothingAreRefused(string reason, params string[] options)
    {
        Assert.Contains(reason, (await Run.FlotillaAsync(["up", .. options, "--folder", Folder])).MustEndWith(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder));
    }

    [Theory]
    [InlineData("/srv/a/up", "/srv/a/up")]
    [InlineData("it's $x", "'it'\\''s $x'")]
    [InlineData("", "''")]
    public void WhatPeopleCopyIntoAShellIsOneWord(string text, string word) => Assert.Equal(word, ShellWord.Of(text));
}
