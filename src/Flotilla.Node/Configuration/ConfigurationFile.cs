using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flotilla.Node.Configuration;

/// <summary>Reads <c>flotilla.yaml</c>. Every key of it is in docs/reference/configuration.md.</summary>
public static class ConfigurationFile
{
    /// <summary>Larger files are not configurations.</summary>
    private const long MaxFileBytes = 4 * 1024 * 1024;

    /// <summary>Reads and validates a file.</summary>
    /// <exception cref="ConfigurationException">It can't be read, or something in it is wrong.</exception>
    public static NodeOptions Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new ConfigurationException([$"{path}: larger than {MaxFileBytes} bytes"]);
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{path}: {failure.Message}"]);
        }
    }

    /// <summary>As <see cref="Load"/>, from text; <paramref name="file"/> is what problems call it.</summary>
    public static NodeOptions Parse(string yaml, string file)
    {
        var binder = new YamlBinder(file);
        if (binder.BindRecord(ReadRoot(yaml, file), typeof(NodeOptions), new NodeOptions(), "") is not NodeOptions options)
            throw new ConfigurationException(binder.Problems);
        var problems = options.Validate();
        return problems.Count == 0 ? options : throw new ConfigurationException([.. problems.Select(problem => $"{file}: {problem}")]);
    }

    private static YamlNode ReadRoot(string yaml, string file)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(yaml);
            stream.Load(reader);
            return stream.Documents.Count switch
            {
                0 => new YamlMappingNode(),
                1 => stream.Documents[0].RootNode,
                _ => throw new ConfigurationException([$"{file}:{stream.Documents[1].RootNode.Start.Line}: a second document"]),
            };
        }
        catch (YamlException wrong)
        {
            throw new ConfigurationException([$"{file}:{wrong.Start.Line}: {wrong.Message}"]);
        }
    }
}
