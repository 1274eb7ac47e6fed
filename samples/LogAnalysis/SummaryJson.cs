using System.Text.Json.Serialization;

namespace Flotilla.Samples.LogAnalysis;

[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
