namespace Flotilla.Sandbox;

/// <summary>One server of a sandbox with all that its files are made from.</summary>
internal sealed record NodeFiles(string Root, SandboxRecord Record, SandboxNode Node, SandboxCredentials Credentials)
{
    public SandboxSpec Spec => Record.Spec;

    public string SandboxFolder => Path.Combine(Root, Record.Name);

    public string Folder => Path.Combine(SandboxFolder, Node.Folder).TrimEnd('/');

    public string Data => Path.Combine(Folder, "data");

    public string Temp => Path.Combine(Folder, "tmp");

    public string Socket => Path.Combine(Folder, "mysql.sock");

    public TlsPaths Tls => TlsPaths.Below(SandboxFolder);

    public int Index => Record.Nodes.ToList().FindIndex(one => one.Name == Node.Name);
}
