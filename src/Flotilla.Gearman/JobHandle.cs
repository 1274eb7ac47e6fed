namespace Flotilla.Gearman;

/// <summary>
/// The name that a job server gave to a job, and which server: handles mean nothing elsewhere. One made from text alone is looked for at
/// all servers.
/// </summary>
public readonly record struct JobHandle(string Text, GearmanAddress? Server = null)
{
    public override string ToString() => Text ?? "";
}
