using System.Runtime.InteropServices;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>What a tarball's name tells: <c>mysql-8.4.0-linux-glibc2.28-x86_64.tar.xz</c>.</summary>
internal static class TarballName
{
    private static readonly (string Word, string Architecture)[] Architectures =
    [
        ("x86_64", "x86_64"), ("x86-64", "x86_64"), ("amd64", "x86_64"), ("aarch64", "aarch64"), ("arm64", "aarch64"), ("i686", "x86"), ("i386", "x86"), ("ppc64le", "ppc64le"),
        ("s390x", "s390x"),
    ];

    private static readonly string[] OtherSystems = ["macos", "osx", "darwin", "win32", "winx64", "windows", "freebsd", "solaris", "aix"];

    /// <summary>As kernel and tarballs call it.</summary>
    public static string OurArchitecture => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "x86_64",
        Architecture.Arm64 => "aarch64",
        Architecture.X86 => "x86",
        Architecture.S390x => "s390x",
        Architecture.Ppc64le => "ppc64le",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Why it can't be for a host of that architecture; null when nothing in its name speaks against.</summary>
    public static string? WhyNotFor(string architecture, string file)
    {
        var name = file.ToLowerInvariant();
        if (OtherSystems.FirstOrDefault(name.Contains) is { } system)
            return $"{file} is for {system}, this host is linux";
        var told = Architectures.Where(one => name.Contains(one.Word, StringComparison.Ordinal)).Select(one => one.Architecture).FirstOrDefault();
        return told is null || told == architecture ? null : $"{file} is for {told}, this host is {architecture}";
    }

    /// <summary>Whether it holds a server whose version begins as wanted, as far as its name tells.</summary>
    public static bool Matches(string file, string wanted)
        => ServerVersion.TryParse(file, out var version) && ServerText.Matches(file.Contains("mariadb", StringComparison.OrdinalIgnoreCase), version, wanted);
}
