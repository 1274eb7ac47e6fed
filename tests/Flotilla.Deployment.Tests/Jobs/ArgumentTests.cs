using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Flotilla.Deployment.Tests.Jobs;

/// <summary>What comes from a job server is read strictly, and what it may ask for is little.</summary>
public sealed class ArgumentTests
{
    private const string Good = """
        {"deployment": "abcdefghijklmnop", "name": "n", "version": "mariadb 10.11.19", "port": 5000, "serverId": 1, "role": "replica",
         "credentials": {"root": "a", "user": "b", "readWrite": "c", "readOnly": "d", "replication": "e"} OPTIONAL}
        """;

    [Fact]
    public void OptionalArgumentsHaveTheirDefaults()
    {
        var arguments = Read(Good.Replace("OPTIONAL", ""), DeploymentJson.Default.MakeSandboxArguments);
        Assert.Equal("127.%", arguments.RemoteAccess);
        Assert.Empty(arguments.Options);
        Assert.False(arguments.UseFilePosition);
        Assert.Empty(Read("{}", DeploymentJson.Default.DiagnoseArguments).Ports);
        Assert.Null(Read("""{"name": "n", "sample": "employees"}""", DeploymentJson.Default.LoadDataArguments).Employees);
    }

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        var arguments = Read(Good.Replace("OPTIONAL", """, "options": ["max_connections=5"], "semiSync": true"""), DeploymentJson.Default.MakeSandboxArguments);
        var again = JobBody.ReadArguments(JobBody.Write(arguments, DeploymentJson.Default.MakeSandboxArguments), DeploymentJson.Default.MakeSandboxArguments);
        Assert.Equal(arguments.Options, again.Options);
        Assert.Equal(arguments with { Options = [] }, again with { Options = arguments.Options }, (one, other) => one.ToString() == other.ToString() && one.SemiSync == other.SemiSync && one.Credentials == other.Credentials);
    }

    [Theory]
    [InlineData(""", "shell": "rm -rf /" """, "shell")]
    [InlineData(""", "port": 5001""", "port")]
    [InlineData(""", "options": ["plugin-load-add=/tmp/evil.so"]""", "option 'plugin-load-add=/tmp/evil.so' is refused")]
    [InlineData(""", "options": ["max_connections=5\nplugin_load=x"]""", "is refused")]
    [InlineData(""", "options": null""", "options")]
    public void WhatDoesNotBelongThereIsRefused(string more, string words) => Refused(Good.Replace("OPTIONAL", more), words, DeploymentJson.Default.MakeSandboxArguments);

    [Theory]
    [InlineData("\"n\"", "\"../n\"", "name must be")]
    [InlineData("\"n\"", "\"a b\"", "name must be")]
    [InlineData("\"n\"", "\"n\\n\"", "name must be")]
    [InlineData("5000", "70000", "port must be")]
    [InlineData("\"abcdefghijklmnop\"", "\"../../abcdefghijklmnop\"", "deployment must be")]
    [InlineData("\"replica\"", "\"peer\"", "role must be")]
    [InlineData("\"mariadb 10.11.19\"", "\"/bin/sh\"", "version must be")]
    [InlineData("\"deployment\": \"abcdefghijklmnop\",", "", "deployment")]
    [InlineData(", \"replication\": \"e\"", "", "replication")]
    public void ValuesOutsideTheirRangeAreRefused(string from, string to, string words)
        => Refused(Good.Replace("OPTIONAL", "").Replace(from, to), words, DeploymentJson.Default.MakeSandboxArguments);

    [Fact]
    public void FilesAreBareNames()
    {
        foreach (var file in (string[])["../x.tar", "/etc/passwd", ".hidden", "a/b", "", "x\\u0000.tar", "a b"])
        {
            Refused($$"""{"file": "{{file}}", "sha256": "{{new string('0', 64)}}"}""", "file must be", DeploymentJson.Default.FetchTarballArguments);
            Refused($$"""{"file": "{{file}}", "offset": 0, "length": 1}""", "file must be", DeploymentJson.Default.ReadTarballArguments);
            Refused($$"""{"name": "n", "file": "{{file}}"}""", "file must be", DeploymentJson.Default.LoadDataArguments);
        }

        Refused("""{"name": "n", "soname": "../evil.so"}""", "soname must be", DeploymentJson.Default.InstallPluginArguments);
        Refused("""{"name": "n", "soname": "a'; DROP"}""", "soname must be", DeploymentJson.Default.InstallPluginArguments);
        Refused($$"""{"deployment": "abcdefghijklmnop", "name": "n", "sourceHost": "h'; --", "sourcePort": 1}""", "sourceHost must be", DeploymentJson.Default.InitializeSlaveArguments);
    }

    [Fact]
    public void EveryPrefixOfArgumentsIsRefusedInOneSentence()
    {
        var whole = Encoding.UTF8.GetBytes(Good.Replace("OPTIONAL", "").Trim());
        for (var length = 0; length < whole.Length; length++)
        {
            var refused = Assert.Throws<DeploymentException>(() => JobBody.ReadArguments(whole.AsSpan(0, length), DeploymentJson.Default.MakeSandboxArguments));
            Assert.Equal(DeploymentProblem.BadRequest, refused.Problem);
        }

        Assert.Throws<DeploymentException>(() => JobBody.ReadArguments(new byte[JobBody.ArgumentsBytesMax + 1], DeploymentJson.Default.SandboxArguments));
    }

    [Fact]
    public void PasswordsAreNeverInWords()
    {
        var arguments = Read(Good.Replace("OPTIONAL", "").Replace("\"a\"", "\"topsecret\""), DeploymentJson.Default.MakeSandboxArguments);
        Assert.DoesNotContain("topsecret", arguments.ToString());
        Assert.DoesNotContain("topsecret", arguments.Credentials.ToString());
    }

    [Theory]
    [InlineData("max_connections=500", true)]
    [InlineData("innodb-log-file-size = 64M", true)]
    [InlineData("sql_mode=ANSI,TRADITIONAL", true)]
    [InlineData("skip-name-resolve", true)]
    [InlineData("secure-file-priv=", false)]
    [InlineData("innodb_data_home_dir=x", false)]
    [InlineData("innodb_data_file_path=ibdata1", false)]
    [InlineData("general_log_file=x", false)]
    [InlineData("slave_load_tmpdir=x", false)]
    [InlineData("init_file=x", false)]
    [InlineData("init_connect=SELECT 1", false)]
    [InlineData("loose-plugin-load=x", false)]
    [InlineData("plugin", false)]
    [InlineData("skip-grant-tables", false)]
    [InlineData("datadir=x", false)]
    [InlineData("!include x", false)]
    [InlineData("max_connections=/etc", false)]
    [InlineData("", false)]
    public void OnlyHarmlessOptionsAreTaken(string option, bool isTaken) => Assert.Equal(isTaken, SafeOption.Allows(option));

    private static T Read<T>(string json, JsonTypeInfo<T> type)
        where T : class, IJobArguments
        => JobBody.ReadArguments(Encoding.UTF8.GetBytes(json), type);

    private static void Refused<T>(string json, string words, JsonTypeInfo<T> type)
        where T : class, IJobArguments
    {
        var refused = Assert.Throws<DeploymentException>(() => Read(json, type));
        Assert.Equal(DeploymentProblem.BadRequest, refused.Problem);
        Assert.Contains(words, refused.Message);
    }
}
