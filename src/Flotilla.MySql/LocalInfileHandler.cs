namespace Flotilla.MySql;

/// <summary>
/// Gives the bytes for LOAD DATA LOCAL INFILE. The name is whatever the server sent: a hostile server asks for any file at any query, so
/// look it up in what you meant to send and never open it as it is.
/// </summary>
/// <param name="name">The name in the statement, as the server repeats it.</param>
/// <param name="cancellationToken">Ends the command.</param>
/// <returns>The bytes, disposed when sent; null to refuse.</returns>
public delegate ValueTask<Stream?> LocalInfileHandler(string name, CancellationToken cancellationToken);
