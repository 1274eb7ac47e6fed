using System.Text.Json.Serialization;

namespace Flotilla.Deployment;

/// <summary>
/// Readers and writers of all bodies of jobs, and of the journal. What is generated sets init-only properties that are missing to null or zero,
/// whatever their initializers say: so optional lists turn null into empty themselves, and no option is true by default.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(MakeSandboxArguments))]
[JsonSerializable(typeof(InitializeSlaveArguments))]
[JsonSerializable(typeof(SandboxArguments))]
[JsonSerializable(typeof(RemoveSandboxArguments))]
[JsonSerializable(typeof(DiagnoseArguments))]
[JsonSerializable(typeof(FetchTarballArguments))]
[JsonSerializable(typeof(ReadTarballArguments))]
[JsonSerializable(typeof(InstallPluginArguments))]
[JsonSerializable(typeof(LoadDataArguments))]
[JsonSerializable(typeof(HostFacts))]
[JsonSerializable(typeof(SandboxFact))]
[JsonSerializable(typeof(FetchedTarball))]
[JsonSerializable(typeof(LoadedData))]
[JsonSerializable(typeof(PluginFact))]
[JsonSerializable(typeof(JobFault))]
[JsonSerializable(typeof(DeploymentJournal))]
[JsonSerializable(typeof(Flotilla.Sandbox.SandboxCredentials))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
