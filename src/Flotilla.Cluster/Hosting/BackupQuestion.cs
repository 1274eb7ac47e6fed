using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A server is to be filled anew: the donor's node connects there, and sends; the token is a part of the key.</summary>
internal sealed record BackupQuestion(ServerName Donor, string Host, int Port, string Token);
