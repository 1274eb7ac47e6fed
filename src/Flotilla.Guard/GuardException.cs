namespace Flotilla.Guard;

/// <summary>A guard could not be started or reached, or its connection was lost; the message says what and where.</summary>
public class GuardException(string message, Exception? cause = null) : Exception(message, cause);
