using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Flotilla.Deployment;

/// <summary>Bodies of jobs: JSON there and back, with limits.</summary>
internal static class JobBody
{
    /// <summary>The longest arguments are of a sandbox with a hundred options.</summary>
    public const int ArgumentsBytesMax = 256 << 10;

    /// <summary>A host's facts with the end of a log.</summary>
    public const int ResultBytesMax = 8 << 20;

    /// <exception cref="DeploymentException">They are no such arguments; the message has every problem.</exception>
    public static T ReadArguments<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class, IJobArguments
    {
        if (body.Length > ArgumentsBytesMax)
            throw new DeploymentException(DeploymentProblem.BadRequest, $"arguments of {body.Length} bytes are more than the {ArgumentsBytesMax} that are taken");
        T? arguments;
        try
        {
            arguments = JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException wrong)
        {
            throw new DeploymentException(DeploymentProblem.BadRequest, $"the arguments can't be read: {wrong.Message}", wrong);
        }

        var problems = arguments is null ? ["arguments are missing"] : arguments.Problems().ToList();
        return problems.Count == 0 ? arguments! : throw new DeploymentException(DeploymentProblem.BadRequest, string.Join("; ", problems));
    }

    public static T ReadResult<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type, string function)
        where T : class
    {
        if (body.Length > ResultBytesMax)
            throw new DeploymentException(DeploymentProblem.Internal, $"the answer of {function} is longer than any can be ({body.Length} bytes)");
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new DeploymentException(DeploymentProblem.Internal, $"{function} answered nothing");
        }
        catch (JsonException wrong)
        {
            throw new DeploymentException(DeploymentProblem.Internal, $"{function} answered what can't be read: {wrong.Message}", wrong);
        }
    }

    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>What a worker said about its failure; null when it was not in our words.</summary>
    public static JobFault? ReadFault(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DeploymentJson.Default.JobFault);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
