using System.Text.Json;

namespace Flotilla.Cli.Tests.Support;

/// <summary>What a run of the program left behind.</summary>
internal sealed record CliResult(int Code, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>The output, after it was made sure that all went well.</summary>
    public string Must()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Errors}");
        return Output;
    }

    public CliResult MustEndWith(ExitCode code)
    {
        Assert.True(Code == (int)code, $"exit code {Code} where {code} ({(int)code}) was due: {Errors}");
        return this;
    }
}
