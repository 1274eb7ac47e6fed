namespace Flotilla;

/// <summary>
/// Bugs put in on purpose, to see that the simulation finds them: each one condition in a method that ships. Without PLANTED_BUGS the
/// answer is the constant false, and the condition is compiled away. This file is a part of each core that has a <c>PlantedBug</c>.
/// </summary>
internal static class Planted
{
#if PLANTED_BUGS
    /// <summary>Plants a bug for this thread, in place of the one that there may be.</summary>
    public static void Plant<TBug>(TBug bug)
        where TBug : struct, Enum
        => Bed<TBug>.Active = bug;

    public static bool Is<TBug>(TBug bug)
        where TBug : struct, Enum
        => EqualityComparer<TBug>.Default.Equals(Bed<TBug>.Active, bug);

    private static class Bed<TBug>
        where TBug : struct, Enum
    {
        [ThreadStatic]
        private static TBug s_active;

        public static TBug Active
        {
            get => s_active;
            set => s_active = value;
        }
    }
#else
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public static bool Is<TBug>(TBug bug)
        where TBug : struct, Enum
        => false;
#endif
}
