using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A server is to be filled anew: the donor's node connects there, says the token, and sends.</summary>
internal sealed record BackupQuestion(ServerName Donor, string Host, int Port, string Token);
