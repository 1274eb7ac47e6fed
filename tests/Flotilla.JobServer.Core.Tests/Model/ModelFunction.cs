namespace Flotilla.JobServer.Core.Tests;

internal sealed class ModelFunction(string name)
{
    public string Name { get; } = name;

    public bool IsListed { get; set; }

    public bool IsPaused { get; set; }

    public bool IsDraining { get; set; }

    public int[] Limits { get; set; } = [0, 0, 0];

    public RetryPolicy Policy { get; set; } = new();
}
