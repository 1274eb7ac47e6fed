namespace Flotilla.Groups.Core;

/// <summary>What a sender asks for: the stronger, the later it is delivered.</summary>
public enum Delivery : byte
{
    /// <summary>At most once, on arrival, in no order, outside views: for gossip.</summary>
    Raw = 0,

    /// <summary>In the sender's order. (Today the same as <see cref="Ordered"/>: one log gives it for nothing.)</summary>
    Fifo = 1,

    /// <summary>After everything its sender had delivered.</summary>
    Causal = 2,

    /// <summary>At all members in one order, on contiguous receipt.</summary>
    Ordered = 3,

    /// <summary>As <see cref="Ordered"/>, once a weighted majority of voters has it: whoever goes on has it.</summary>
    Safe = 4,

    /// <summary>As <see cref="Safe"/>, once a weighted majority of voters has it on disk.</summary>
    SafeDurable = 5,
}
