using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Servers are found in the layouts that tarballs and packages have.</summary>
public sealed class ServerFinderTests : IDisposable
{
    private static readonly string[] MariaDbTables = ["system_tables.sql", "performance_tables.sql", "system_tables_data.sql", "sys_schema.sql"];
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-servers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("mysqld  Ver 5.6.51 for linux-glibc2.12 on x86_64 (MySQL Community Server (GPL))", "bin/mysqld", "share", "mysql_", false, "5.6.51")]
    [InlineData("mysqld  Ver 5.7.44 for linux-glibc2.12 on x86_64 (MySQL Community Server (GPL))", "bin/mysqld", "share", null, true, "5.7.44")]
    [InlineData("/x/mysqld  Ver 8.4.2 for Linux on x86_64 (MySQL Community Server - GPL)", "bin/mysqld", "share", null, true, "8.4.2")]
    [InlineData("mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))", "usr/sbin/mysqld", "usr/share/mysql", null, true, "8.0.36")]
    [InlineData("mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", "usr/sbin/mariadbd", "usr/share/mysql", "mysql_", false, "10.11.19")]
    [InlineData("mariadbd  Ver 11.4.3-MariaDB for linux-systemd on x86_64 (MariaDB Server)", "bin/mariadbd", "share", "mariadb_", false, "11.4.3")]
    [InlineData("mysqld  Ver 10.3.39-MariaDB for Linux on x86_64 (MariaDB Server)", "bin/mysqld", "share", "mysql_", false, "10.3.39")]
    public async Task TheServerOfALayoutIsFound(string says, string server, string share, string? tables, bool initialisesItself, string version)
    {
        var bin = server.StartsWith("usr/", StringComparison.Ordinal) ? "usr/bin" : "bin";
        string[] files = [$"{bin}/mysql", $"{bin}/mysqladmin", $"{bin}/mysqlbinlog", .. tables is null ? [] : MariaDbTables.Select(name => $"{share}/{tables}{name}")];
        FakeServer.Create(_folder, says, server, share, files);

        var found = await new ServerFinder([], []).FromBasedirAsync(_folder);

        Assert.Equal(ServerVersion.Parse(version), found.Version);
        Assert.Equal(says.Contains("MariaDB", StringComparison.Ordinal), found.IsMariaDb);
        Assert.Equal((initialisesItself, Path.Combine(_folder, server), Path.Combine(_folder, share)), (found.InitialisesItself, found.Server, found.MessagesDir));
        Assert.Equal(tables is null, found.SystemTables.Count == 0);
        Assert.Equal(Path.Combine(_folder, bin, "mysqlbinlog"), found.Binlog);
    }

    [Fact]
    public async Task ATarballsOnlyFolderIsEntered()
    {
        FakeServer.Create(Path.Combine(_folder, "mysql-8.4.2-linux"), "mysqld  Ver 8.4.2 for Linux on x86_64", "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin");
        Assert.Equal(new ServerVersion(8, 4, 2), (await new ServerFinder([], []).FromBasedirAsync(_folder)).Version);
    }

    [Fact]
    public async Task WhatIsMissingIsNamed()
    {
        await MissingAsync("no server program (mariadbd or mysqld)", _folder);
        await MissingAsync("is not there", Path.Combine(_folder, "nowhere"));
        FakeServer.Program(Path.Combine(_folder, "bin/mysqld"), "echo 'error while loading shared libraries: libaio.so.1: cannot open shared object file' >&2; exit 127");
        await MissingAsync("needs the library libaio.so.1, which is not installed (Debian has it in libaio1)", _folder);
        FakeServer.Program(Path.Combine(_folder, "bin/mysqld"), "echo hello");
        await MissingAsync("names no version", _folder);
        FakeServer.Program(Path.Combine(_folder, "bin/mysqld"), "echo 'mysqld  Ver 5.6.51 for Linux'");
        await MissingAsync("came without its messages", _folder);
        FakeServer.Create(_folder, "mysqld  Ver 5.6.51 for Linux", "bin/mysqld", "share");
        await MissingAsync("no client program", _folder);
        FakeServer.Create(_folder, "mysqld  Ver 5.6.51 for Linux", "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin");
        await MissingAsync("came without its system tables", _folder);
    }

    [Fact]
    public async Task LibrariesThatCameAlongAreUsed()
    {
        FakeServer.Create(_folder, "", "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin", "lib/private/libodd.so.3");
        FakeServer.Program(
            Path.Combine(_folder, "bin/mysqld"),
            "case $LD_LIBRARY_PATH in */lib/private) echo 'mysqld  Ver 8.0.1 for Linux';; *) echo 'error while loading shared libraries: libodd.so.3: no' >&2; exit 127;; esac");
        Assert.Equal([Path.Combine(_folder, "lib/private")], (await new ServerFinder([], []).FromBasedirAsync(_folder)).LibraryFolders);
    }

    [Fact]
    public async Task TheNewestOfTheVersionAskedForIsTaken()
    {
        foreach (var (name, says) in ((string, string)[])[("a", "mysqld  Ver 5.6.51 for Linux"), ("b", "mysqld  Ver 5.7.9 for Linux"), ("c", "mysqld  Ver 5.7.44 for Linux")])
            FakeServer.Create(Path.Combine(_folder, name), says, "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin", "share/mysql_system_tables.sql", "share/mysql_system_tables_data.sql");
        var finder = new ServerFinder([], []);
        Assert.Equal(new ServerVersion(5, 7, 44), (await finder.FindAsync(serverFolder: _folder)).Version);
        Assert.Equal(new ServerVersion(5, 6, 51), (await finder.FindAsync("5.6", _folder)).Version);
        Assert.Equal(new ServerVersion(5, 7, 9), (await finder.FindAsync("mysql-5.7.9", _folder)).Version);
        var none = await Assert.ThrowsAsync<SandboxException>(() => finder.FindAsync("mariadb", _folder));
        Assert.Contains("no server of version mariadb was found, only MySQL 5.7.44", none.Message, StringComparison.Ordinal);
        Assert.Contains("no database server was found", (await Assert.ThrowsAsync<SandboxException>(() => finder.FindAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATarballIsUnpackedOnceAndASpoiltOneLeavesNothing()
    {
        FakeServer.Create(Path.Combine(_folder, "in", "mysql-8.4.2"), "mysqld  Ver 8.4.2 for Linux", "bin/mysqld", "share", "bin/mysql", "bin/mysqladmin");
        var tarball = Path.Combine(_folder, "mysql-8.4.2.tar.gz");
        await Shell.MustAsync("/bin/tar", "-czf", tarball, "-C", Path.Combine(_folder, "in"), "mysql-8.4.2");
        var (servers, finder) = (Path.Combine(_folder, "servers"), new ServerFinder([], []));
        var found = await ServerTarball.UnpackAsync(servers, tarball, finder);
        Assert.Equal(Path.Combine(servers, "mysql-8.4.2", "mysql-8.4.2", "bin", "mysqld"), found.Server);
        File.Delete(tarball);
        Assert.Equal(found.Server, (await ServerTarball.UnpackAsync(servers, tarball, finder)).Server);

        File.WriteAllText(Path.Combine(_folder, "broken.tar.gz"), "this is no tarball");
        await RefusesAsync("can't be unpacked", () => ServerTarball.UnpackAsync(servers, Path.Combine(_folder, "broken.tar.gz"), finder));
        await Shell.MustAsync("/bin/tar", "-czf", Path.Combine(_folder, "empty.tgz"), "-C", _folder, "broken.tar.gz");
        await RefusesAsync("no server program", () => ServerTarball.UnpackAsync(servers, Path.Combine(_folder, "empty.tgz"), finder));
        await RefusesAsync("is no tarball", () => ServerTarball.UnpackAsync(servers, "x.zip", finder));
        Assert.Equal(["mysql-8.4.2"], Directory.GetFileSystemEntries(servers).Select(Path.GetFileName));
    }

    [Fact]
    public async Task PackagesAreUnpackedAndNeverInstalled()
    {
        var tools = Path.Combine(_folder, "tools");
        FakeServer.Create(
            Path.Combine(_folder, "unpacked"), "mariadbd  Ver 10.11.19-MariaDB for debian", "usr/sbin/mariadbd", "usr/share/mysql",
            ["usr/bin/mariadb", "usr/bin/mariadb-admin", .. MariaDbTables.Select(name => $"usr/share/mysql/mysql_{name}")]);
        FakeServer.Program(Path.Combine(tools, "apt"), "for package do :; done; case $package in lib*) exit 100;; esac; echo \"$package\" >>\"$0.log\"; : >\"$package.deb\"");
        FakeServer.Program(Path.Combine(tools, "dpkg"), $"[ \"$1\" = -x ] && cp -a '{_folder}/unpacked/.' \"$3\"");
        var (servers, finder) = (Path.Combine(_folder, "servers"), new ServerFinder([], []));
        var packages = new ServerPackages(Path.Combine(tools, "apt"), Path.Combine(tools, "dpkg"));

        var found = await packages.InstallAsync(servers, finder);
        Assert.Equal(Path.Combine(servers, "mariadb-packages", "usr", "sbin", "mariadbd"), found.Server);
        Assert.Equal(found.Server, (await packages.InstallAsync(servers, finder)).Server);
        Assert.Equal(["mariadb-server-core", "mariadb-client-core", "mariadb-client", "mariadb-backup"], File.ReadAllLines(Path.Combine(tools, "apt.log")));
        Assert.Equal(found.Server, (await finder.FindAsync("mariadb", servers)).Server);

        Directory.Delete(servers, recursive: true);
        FakeServer.Program(Path.Combine(tools, "apt"), "echo 'E: Unable to locate package' >&2; exit 100");
        await RefusesAsync("mariadb-server-core can't be fetched: E: Unable to locate package. Is this Debian", () => packages.InstallAsync(servers, finder));
        await RefusesAsync("can't be run", () => new ServerPackages("/nowhere/apt", "x").InstallAsync(servers, finder));
        Assert.Empty(Directory.GetFileSystemEntries(servers));
    }

    private static async Task RefusesAsync(string text, Func<Task> act)
        => Assert.Contains(text, (await Assert.ThrowsAsync<SandboxException>(act)).Message, StringComparison.Ordinal);

    private static async Task MissingAsync(string text, string folder)
    {
        var failure = await Assert.ThrowsAsync<SandboxException>(() => new ServerFinder([], []).FromBasedirAsync(folder));
        Assert.Equal(SandboxProblem.MissingServer, failure.Problem);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }
}
