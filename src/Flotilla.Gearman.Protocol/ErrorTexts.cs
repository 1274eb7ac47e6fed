namespace Flotilla.Gearman.Protocol;

/// <summary>Second arguments of ERROR packets, byte for byte those of gearmand where it has one.</summary>
public static class ErrorTexts
{
    /// <summary>JOB_NOT_FOUND after WORK_COMPLETE, WORK_FAIL, WORK_STATUS.</summary>
    public static ReadOnlySpan<byte> JobNotFoundForResult => "Job given in work result not found"u8;

    /// <summary>JOB_NOT_FOUND after WORK_DATA, WORK_WARNING.</summary>
    public static ReadOnlySpan<byte> JobNotFoundForData => "Job does not exist on server"u8;

    /// <summary>JOB_NOT_FOUND after WORK_EXCEPTION.</summary>
    public static ReadOnlySpan<byte> JobNotFoundForException => "An exception was received for a job that does not exist"u8;

    /// <summary>QUEUE_ERROR when a queue limit is reached.</summary>
    public static ReadOnlySpan<byte> QueueFull => "Job queue is full"u8;

    /// <summary>ARGUMENT_TOO_LARGE for a unique key of more than <see cref="ProtocolLimits.MaxUniqueBytes"/> bytes.</summary>
    public static ReadOnlySpan<byte> UniqueTooLarge => "Unique value too large"u8;

    /// <summary>UNKNOWN_OPTION.</summary>
    public static ReadOnlySpan<byte> UnknownOption => "Server does not recognize given option"u8;

    /// <summary>INVALID_COMMAND for a packet type that a server does not expect.</summary>
    public static ReadOnlySpan<byte> CommandNotExpected => "Command not expected"u8;

    /// <summary>INVALID_MAGIC for a response sent to a server.</summary>
    public static ReadOnlySpan<byte> RequestMagicExpected => "Request magic expected"u8;

    /// <summary>Ours. ARGUMENT_TOO_LARGE for a name over <see cref="ProtocolLimits.MaxFunctionNameBytes"/> bytes.</summary>
    public static ReadOnlySpan<byte> FunctionNameTooLarge => "Function name too large"u8;

    /// <summary>Ours. ARGUMENT_TOO_LARGE for a body over the limit; the connection ends after it.</summary>
    public static ReadOnlySpan<byte> PacketTooLarge => "The packet is larger than this server takes"u8;

    /// <summary>Ours. NOT_AUTHORIZED before authentication.</summary>
    public static ReadOnlySpan<byte> NotAuthenticated => "Authentication required"u8;

    /// <summary>Ours. NOT_AUTHORIZED by an access rule.</summary>
    public static ReadOnlySpan<byte> NotAuthorized => "Not allowed by the access rules"u8;
}
