namespace Flotilla.Simulation.Exhaustive;

internal readonly record struct LocalInput(LocalInputKind Kind, int Peer = -1, int Argument = 0)
{
    public UInt128 KeyFor(int state) => new((ulong)(uint)state, ((ulong)Kind << 48) | ((ulong)(byte)(Peer + 1) << 40) | (uint)Argument);
}
