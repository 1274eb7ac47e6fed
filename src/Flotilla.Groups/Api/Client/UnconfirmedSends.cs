using System.Security.Cryptography;
using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>
/// A client's messages until they are confirmed, under the client's id and numbers without gaps. A refused message leaves a gap, so that none after it is
/// taken under this id; once all before it are confirmed the rest goes out anew, under a new id. Not thread-safe.
/// </summary>
internal sealed class UnconfirmedSends
{
    private readonly SortedDictionary<ulong, ClientSend> _sends = [];
    private ulong _last;
    private ulong _firstRefused;

    public ClientId Id { get; private set; } = Draw();

    public IEnumerable<KeyValuePair<ulong, ClientSend>> All => _sends;

    /// <summary>Takes a message; its number, or 0 when it has to wait for a new id.</summary>
    public ulong Add(ClientSend send)
    {
        _sends.Add(++_last, send);
        return _firstRefused == 0 ? _last : 0;
    }

    /// <summary>What has to go out on a new connection.</summary>
    public IEnumerable<KeyValuePair<ulong, ClientSend>> ToSend() => _sends.Where(send => _firstRefused == 0 || send.Key < _firstRefused);

    /// <summary>A message is confirmed. True when the rest goes on under a new id, on a new connection.</summary>
    public bool Confirm(ulong number, ulong sequence)
    {
        if (_sends.Remove(number, out var send))
            send.End(sequence);
        return TryBeginAnew();
    }

    /// <summary>
    /// A message is refused. True when the rest goes on under a new id, on a new connection. What went out on an earlier connection may have been taken
    /// through that: it is not over, but sent again later (<paramref name="isAgain"/>).
    /// </summary>
    public bool Refuse(ulong number, string reason, out bool isAgain)
    {
        isAgain = false;
        if (!_sends.TryGetValue(number, out var send) || (_firstRefused != 0 && number > _firstRefused))
            return false;
        if (send.Attempts > 1)
        {
            isAgain = true;
            return false;
        }

        _sends.Remove(number);
        _firstRefused = number;
        send.Fail(new GroupException(GroupError.Refused, reason));
        return TryBeginAnew();
    }

    public void FailAll(Exception failure)
    {
        foreach (var send in _sends.Values)
            send.Fail(failure);
        _sends.Clear();
    }

    private bool TryBeginAnew()
    {
        if (_firstRefused == 0 || (_sends.Count > 0 && _sends.First().Key < _firstRefused))
            return false;
        ClientSend[] rest = [.. _sends.Values];
        _sends.Clear();
        (_last, _firstRefused, Id) = (0, 0, Draw());
        foreach (var send in rest)
        {
            send.Attempts = 0;
            _sends.Add(++_last, send);
        }

        return true;
    }

    private static ClientId Draw()
    {
        var bytes = RandomNumberGenerator.GetBytes(16);
        return new ClientId(BitConverter.ToUInt64(bytes) | 1, BitConverter.ToUInt64(bytes, 8));
    }
}
