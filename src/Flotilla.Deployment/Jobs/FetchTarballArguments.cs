namespace Flotilla.Deployment;

/// <summary>Arguments of <c>fetch_tarball</c>.</summary>
public sealed record FetchTarballArguments : IJobArguments
{
    /// <summary>The tarball's file name.</summary>
    public required string File { get; init; }

    /// <summary>Its checksum, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The host to get it from; null: the URL configured for that file.</summary>
    public string? From { get; init; }

    string IJobArguments.Subject => File;

    IEnumerable<string> IJobArguments.Problems()
    {
        if (!BareName.IsFile(File))
            yield return "file must be a bare file name";
        if (!BareName.IsSha256(Sha256))
            yield return "sha256 must be 64 lower-case hexadecimal digits";
        if (From is not null && !HostName.TryParse(From, out _))
            yield return "from must be the name of a host";
    }
}
