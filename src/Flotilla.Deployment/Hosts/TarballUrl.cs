namespace Flotilla.Deployment;

/// <summary>Where a tarball may be got on the web: configured at the host, never by a job.</summary>
public sealed record TarballUrl
{
    /// <summary>http or https; its last part is the file's name.</summary>
    public required Uri Url { get; init; }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    public string File => Uri.UnescapeDataString(Url.Segments[^1]);

    /// <summary>Reads lines of a checksum and a URL, as <c>sha256sum</c> prints them; empty lines and those with # are passed over.</summary>
    /// <exception cref="DeploymentException">A line is none.</exception>
    public static IReadOnlyList<TarballUrl> Read(string path)
    {
        var urls = new List<TarballUrl>();
        foreach (var (line, at) in System.IO.File.ReadLines(path).Select((line, at) => (line.Trim(), at + 1)))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length != 2 || !BareName.IsSha256(words[0]) || !Uri.TryCreate(words[1], UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new DeploymentException(DeploymentProblem.BadRequest, $"{path}, line {at}: must be a sha256 of 64 lower-case digits and a URL");
            var one = new TarballUrl { Url = url, Sha256 = words[0] };
            if (!BareName.IsFile(one.File))
                throw new DeploymentException(DeploymentProblem.BadRequest, $"{path}, line {at}: the URL does not end with a file name");
            urls.Add(one);
        }

        return urls;
    }
}
