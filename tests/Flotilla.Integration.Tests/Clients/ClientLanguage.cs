using System.Diagnostics;
using Flotilla.Integration.Tests.Peers;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Clients;

/// <summary>How the client and the worker of a language are started.</summary>
internal static class ClientLanguage
{
    private static readonly Lazy<string> Compiled = new(Compile);

    private static string Folder => Repository.Combine("tests", "Flotilla.Integration.Tests", "Clients");

    /// <summary>Starts the program of a language.</summary>
    /// <param name="language">php, perl or c.</param>
    /// <param name="program">client or worker.</param>
    /// <param name="arguments">What the program takes.</param>
    public static ClientProgram Start(string language, string program, params IEnumerable<string> arguments) => language switch
    {
        "php" => new ClientProgram(Peer.Php, [Path.Combine(Folder, "php", program + ".php"), .. arguments]),
        "perl" => new ClientProgram("perl", [Path.Combine(Folder, "perl", program + ".pl"), .. arguments]),
        "c" => new ClientProgram(Path.Combine(Compiled.Value, program), arguments),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "php, perl or c"),
    };

    private static string Compile()
    {
        Peer.Require();
        var output = Repository.Combine(".artifacts", "clients");
        Directory.CreateDirectory(output);
        foreach (var program in new[] { "client", "worker" })
        {
            string[] arguments = ["-O1", "-Wall", "-Werror", "-o", Path.Combine(output, program), Path.Combine(Folder, "c", program + ".c"), "-lgearman"];
            using var compiler = Process.Start("gcc", arguments);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }

        return output;
    }
}
