using System.Text.Json.Serialization;

namespace Flotilla.Samples.GroupsAot;

/// <summary>How the sample's message becomes JSON, without reflection.</summary>
[JsonSerializable(typeof(Counted))]
internal sealed partial class CountedContext : JsonSerializerContext;
