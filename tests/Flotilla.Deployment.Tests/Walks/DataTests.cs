using Flotilla.Deployment.Tests.Support;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Plugins and data brought into servers by jobs.</summary>
[Trait("tier", "full")]
public sealed class DataTests(TemplateCache cache)
{
    [Fact]
    public async Task PluginsFilesAndTheSampleReachAServerByJobs()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        await using var deployer = hosts.Deployer();
        await deployer.DeployAsync(await deployer.PlanAsync(new ReplicationSpec { Hosts = TestHosts.Names("a", "a"), Name = "full" }));
        var inbox = Directory.CreateDirectory(Path.Combine(hosts.RootOf("a"), "inbox")).FullName;
        File.WriteAllText(Path.Combine(inbox, "some.sql"), "CREATE DATABASE d; -- a comment; with one\nCREATE TABLE d.t (s VARCHAR(20));\nINSERT INTO d.t VALUES ('a;b'), ('it''s');\nDELIMITER //\nCREATE PROCEDURE d.p() BEGIN SELECT 1; SELECT 2; END//\n");

        Assert.Equal("""{"statements":4,"rows":3}""", await hosts.JobAsync("load_data", "a", """{"name": "full_master", "file": "some.sql"}"""));
        // The same job once more, as after the loss of a worker.
        Assert.Equal("""{"statements":4,"rows":0}""", await hosts.JobAsync("load_data", "a", """{"name": "full_master", "file": "some.sql"}"""));
        Assert.Equal("2", (await hosts.RunAsync("full", "m", "-BNe", "SELECT COUNT(*) FROM d.t")).Trim());
        await hosts.JobAsync("load_data", "a", """{"name": "full_master", "sample": "employees", "employees": 700}""");
        Assert.Equal("700\t700\t9", (await hosts.RunAsync(
            "full", "m", "-BNe", "SELECT (SELECT COUNT(*) FROM employees.employees), (SELECT COUNT(DISTINCT emp_no) FROM employees.salaries), (SELECT COUNT(*) FROM employees.dept_manager)")).Trim());
        await RefusedAsync(hosts, "load_data", """{"name": "full_node1", "sample": "employees"}""", "is a replica");
        await RefusedAsync(hosts, "load_data", """{"name": "full_master", "file": "none.sql"}""", "there is no file none.sql");
        await RefusedAsync(hosts, "install_plugin", """{"name": "full_master", "soname": "no_such"}""", "came without the plugin no_such.so");
        var plugin = Path.GetFileNameWithoutExtension(
            Directory.EnumerateFiles(Path.Combine(Servers.MariaDb, "lib", "mysql", "plugin"), "*.so").First(file => Path.GetFileName(file) is "query_response_time.so" or "metadata_lock_info.so" or "locales.so" or "auth_ed25519.so"));
        Assert.Contains("\"wasThere\":false", await hosts.JobAsync("install_plugin", "a", $$"""{"name": "full_master", "soname": "{{plugin}}"}"""));
        Assert.Contains("\"wasThere\":true", await hosts.JobAsync("install_plugin", "a", $$"""{"name": "full_master", "soname": "{{plugin}}.so"}"""));

        Assert.Contains("\"answers\":false", await hosts.JobAsync("stop_sandbox", "a", """{"name": "full_node1"}"""));
        Assert.Contains((await deployer.StatusAsync("full"))[1].Problem, (string[])["it does not run"]);
        Assert.Contains("\"Yes/Yes\"", await hosts.JobAsync("start_sandbox", "a", """{"name": "full_node1"}"""));
        Assert.NotEmpty((await deployer.DiagnoseAsync([], new Dictionary<string, string> { ["a"] = "full_node1" }))[0].Facts!.LogTail);
        await deployer.RemoveAsync("full");
        Assert.Equal([Path.Combine(inbox, "some.sql")], hosts.Leftovers("a"));
    }

    private static async Task RefusedAsync(TestHosts hosts, string function, string json, string words)
        => Assert.Contains(words, (await Assert.ThrowsAsync<Gearman.JobFaultException>(() => hosts.JobAsync(function, "a", json))).Message, StringComparison.Ordinal);
}
