using System.Text.Json.Serialization;

namespace Flotilla.Groups.Tests.Api;

internal sealed record Counted(int Number, string Text);

internal sealed record Question(string Text);

internal sealed record Answer(string From, int Number);

[JsonSerializable(typeof(Counted))]
[JsonSerializable(typeof(Question))]
[JsonSerializable(typeof(Answer))]
internal sealed partial class TestMessages : JsonSerializerContext
{
    /// <summary>All of them under their names on the wire.</summary>
    public static MessageCatalog Catalog() => new MessageCatalog()
        .Add("counted", Default.Counted)
        .Add("question", Default.Question)
        .Add("answer", Default.Answer);
}
