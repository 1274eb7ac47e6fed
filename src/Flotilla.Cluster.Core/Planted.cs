namespace Flotilla.Cluster.Core;

/// <summary>
/// Bugs put in on purpose, to see that the simulation finds them: each one condition in a method that ships. Without PLANTED_BUGS the
/// answer is the constant false, and the condition is compiled away.
/// </summary>
internal static class Planted
{
#if PLANTED_BUGS
    [ThreadStatic]
    private static PlantedBug s_active;

    public static PlantedBug Active
    {
        get => s_active;
        set => s_active = value;
    }

    public static bool Is(PlantedBug bug) => s_active == bug;
#else
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public static bool Is(PlantedBug bug) => false;
#endif
}
