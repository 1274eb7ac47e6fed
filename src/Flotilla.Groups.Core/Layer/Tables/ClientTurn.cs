namespace Flotilla.Groups.Core.Layer;

/// <summary>What a client's message number is.</summary>
internal enum ClientTurn : byte
{
    Next,
    Taken,
    Gap,
}
