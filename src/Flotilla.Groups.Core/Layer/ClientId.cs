namespace Flotilla.Groups.Core;

/// <summary>Names an external client, wherever it connects: drawn by the client, never zero.</summary>
public readonly record struct ClientId(ulong High, ulong Low) : IComparable<ClientId>
{
    public bool IsNone => High == 0 && Low == 0;

    public int CompareTo(ClientId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public static bool operator <(ClientId left, ClientId right) => left.CompareTo(right) < 0;

    public static bool operator >(ClientId left, ClientId right) => left.CompareTo(right) > 0;

    public static bool operator <=(ClientId left, ClientId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ClientId left, ClientId right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{High:x16}{Low:x16}";
}
