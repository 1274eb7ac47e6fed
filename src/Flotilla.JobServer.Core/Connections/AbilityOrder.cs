namespace Flotilla.JobServer.Core;

/// <summary>
/// A worker's abilities in the order in which they are served: last registered first, and one that was served goes to the end of the
/// turn. Kept with the next to be served at the end of the arrays, where registering is cheap.
/// </summary>
internal sealed class AbilityOrder
{
    private int[] _functions = [];
    private int[] _abilities = [];

    public int Count { get; private set; }

    /// <summary>The functions, in reverse order of service.</summary>
    public ReadOnlySpan<int> Functions => _functions.AsSpan(0, Count);

    public int AbilityAt(int position) => _abilities[position];

    public int PositionOf(int function) => _functions.AsSpan(0, Count).IndexOf(function);

    public void Add(int function, int ability)
    {
        if (Count == _functions.Length)
        {
            Array.Resize(ref _functions, Math.Max(4, Count * 2));
            Array.Resize(ref _abilities, _functions.Length);
        }

        _functions[Count] = function;
        _abilities[Count] = ability;
        Count++;
    }

    public void RemoveAt(int position)
    {
        Count--;
        Array.Copy(_functions, position + 1, _functions, position, Count - position);
        Array.Copy(_abilities, position + 1, _abilities, position, Count - position);
    }

    /// <summary>Makes the one at a position the last of the turn.</summary>
    public void MoveToEndOfTurn(int position)
    {
        if (position == 0)
            return;
        var function = _functions[position];
        var ability = _abilities[position];
        Array.Copy(_functions, 0, _functions, 1, position);
        Array.Copy(_abilities, 0, _abilities, 1, position);
        _functions[0] = function;
        _abilities[0] = ability;
    }
}
