namespace Flotilla.Gearman.Protocol;

/// <summary>Options that OPTION_REQ may ask for; compared without regard to case.</summary>
public static class OptionNames
{
    /// <summary>The client wants WORK_EXCEPTION; without it an exception arrives as WORK_FAIL.</summary>
    public static ReadOnlySpan<byte> Exceptions => "exceptions"u8;

    /// <summary>Our extension: the worker wants a WORK_FAIL with the handle when a job it runs is cancelled.</summary>
    public static ReadOnlySpan<byte> Cancellations => "cancellations"u8;

    /// <summary>Our extension: <c>auth:</c> and the shared secret; answered with <see cref="Auth"/>, never echoed.</summary>
    public static ReadOnlySpan<byte> AuthPrefix => "auth:"u8;

    /// <summary>The answer to <see cref="AuthPrefix"/>.</summary>
    public static ReadOnlySpan<byte> Auth => "auth"u8;
}
