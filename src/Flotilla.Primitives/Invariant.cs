using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Flotilla.Primitives;

/// <summary>Checks of our own reasoning. On in Release: a state that cannot be must not be acted upon.</summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantViolationException"/> unless <paramref name="condition"/> holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string what = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition)
            Fail(what, file, line);
    }

    [DoesNotReturn]
    private static void Fail(string what, string file, int line)
        => throw new InvariantViolationException($"{what} does not hold ({file[(file.LastIndexOfAny(['/', '\\']) + 1)..]}:{line})");
}
