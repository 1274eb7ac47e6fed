namespace Flotilla.JobServer.Core;

/// <summary>A record that can link free slots of its <see cref="SlotPool{T}"/> through itself.</summary>
internal interface ISlot
{
    int NextFree { get; set; }
}
