namespace Flotilla.Deployment;

/// <summary>The functions of a host worker.</summary>
public static class HostFunctions
{
    public const string DiagnoseHost = "diagnose_host";
    public const string MakeSandbox = "make_sandbox";
    public const string InitializeSlave = "initialize_slave";
    public const string RemoveSandbox = "remove_sandbox";
    public const string SandboxStatus = "sandbox_status";
    public const string StartSandbox = "start_sandbox";
    public const string StopSandbox = "stop_sandbox";
    public const string FetchTarball = "fetch_tarball";
    public const string ReadTarball = "read_tarball";
    public const string InstallPlugin = "install_plugin";
    public const string LoadData = "load_data";

    /// <summary>The function as it is registered for one host: <c>make_sandbox@hosta</c>.</summary>
    public static string At(string function, HostName host) => $"{function}@{host}";
}
