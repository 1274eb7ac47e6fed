using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Servers in the words of jobs: <c>mariadb 10.11.19</c>.</summary>
internal static class ServerText
{
    public static string Of(bool isMariaDb, ServerVersion version) => $"{(isMariaDb ? "mariadb" : "mysql")} {version}";

    public static string Of(ServerInstallation server) => Of(server.IsMariaDb, server.Version);

    public static string Of(ServerFact server) => Of(server.IsMariaDb, ServerVersion.Parse(server.Version));

    /// <summary>Family and beginning of the version, either or both.</summary>
    public static bool Matches(bool isMariaDb, ServerVersion version, string wanted)
    {
        var words = wanted.ToLowerInvariant().Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && words.All(word => char.IsAsciiDigit(word[0])
            ? (version + ".").StartsWith(word + ".", StringComparison.Ordinal)
            : word == (isMariaDb ? "mariadb" : "mysql"));
    }
}
