namespace Flotilla.Groups.Core.Layer;

/// <summary>An answer that came before the question was delivered here.</summary>
internal readonly record struct EarlyReply(MemberId From, CommandResult Result, byte[] Body);
