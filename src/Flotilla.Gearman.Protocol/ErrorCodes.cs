namespace Flotilla.Gearman.Protocol;

/// <summary>First arguments of ERROR packets. Clients look at these, people at the text.</summary>
public static class ErrorCodes
{
    public static ReadOnlySpan<byte> JobNotFound => "JOB_NOT_FOUND"u8;

    public static ReadOnlySpan<byte> QueueError => "QUEUE_ERROR"u8;

    public static ReadOnlySpan<byte> ArgumentTooLarge => "ARGUMENT_TOO_LARGE"u8;

    public static ReadOnlySpan<byte> UnknownOption => "UNKNOWN_OPTION"u8;

    public static ReadOnlySpan<byte> InvalidCommand => "INVALID_COMMAND"u8;

    public static ReadOnlySpan<byte> InvalidMagic => "INVALID_MAGIC"u8;

    /// <summary>An argument has the right place but no meaning, as a schedule that can't be read. libgearman knows the name.</summary>
    public static ReadOnlySpan<byte> InvalidArgument => "INVALID_ARGUMENT"u8;

    /// <summary>Our extension: the connection has not authenticated, or its rights don't cover this.</summary>
    public static ReadOnlySpan<byte> NotAuthorized => "NOT_AUTHORIZED"u8;
}
