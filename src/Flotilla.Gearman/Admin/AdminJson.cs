using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Gearman.Admin;

/// <summary>Reads the JSON lines of Flotilla's server; fields that it does not know yet are left out.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FunctionDetails))]
[JsonSerializable(typeof(ServerDetails))]
[JsonSerializable(typeof(JobDetails))]
[JsonSerializable(typeof(ScheduleDetails))]
internal sealed partial class AdminJson : JsonSerializerContext;
