namespace Flotilla.JobServer.Core;

/// <summary>
/// One line of the access list. Patterns are compared with <c>*</c> for any run of characters and <c>?</c> for one. A connection's
/// identity is what its certificate says, <c>secret</c> when it gave the secret, else <c>local</c>. A certificate that says one of these two words is
/// <c>cn:local</c> or <c>cn:secret</c>, and one that begins with <c>cn:</c> gets another <c>cn:</c> in front.
/// </summary>
/// <param name="Identity">
/// Pattern of identities: the common name of the client's certificate, <c>secret</c> for who gave the secret, <c>local</c> for others. A
/// certificate whose name is one of these two words is <c>cn:local</c> or <c>cn:secret</c>.
/// </param>
/// <param name="Function">Pattern of function names; <c>*</c> also matches the empty name that stands for the server as a whole.</param>
/// <param name="Rights">What they may do.</param>
public sealed record AccessRule(string Identity, string Function, AccessRights Rights);
