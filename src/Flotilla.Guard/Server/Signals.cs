namespace Flotilla.Guard;

/// <summary>A terminal's Ctrl-C, the end of a session or an impatient service manager must not kill a database.</summary>
internal static class Signals
{
    /// <summary>While there is a server.</summary>
    public static void Ignore()
    {
        Libc.Ignore(Libc.SigTerm);
        Libc.Ignore(Libc.SigInt);
        Libc.Ignore(Libc.SigHup);
        Libc.Ignore(Libc.SigQuit);
    }

    /// <summary>While there is none they end the guard, without the runtime's help.</summary>
    public static void SetDefault()
    {
        Libc.SetDefault(Libc.SigTerm);
        Libc.SetDefault(Libc.SigInt);
        Libc.SetDefault(Libc.SigHup);
        Libc.SetDefault(Libc.SigQuit);
    }
}
