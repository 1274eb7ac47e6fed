namespace Flotilla.Groups.Core;

/// <summary>
/// The application does not keep up with a group. Its node leaves the group, as soon as another member has the state, so that what waits for the
/// application is bounded; it joins again after <see cref="CaughtUp"/>. A <see cref="GroupDeliveryKind.Reset"/> says that it left.
/// </summary>
public sealed record FellBehind(uint Group) : GroupCommand;
