using System.Globalization;

namespace Flotilla.Chaos.Tests.Clients;

/// <summary>A row that a client wrote. Times are of CLOCK_MONOTONIC, the same for all processes of a machine.</summary>
/// <param name="Client">Number of the client.</param>
/// <param name="Row">Number of the row, unique with the client.</param>
/// <param name="Host">Index of the host that it was sent to.</param>
/// <param name="SentNs">Before its first byte was sent.</param>
/// <param name="EndedNs">After the answer, or when the client gave up.</param>
/// <param name="Outcome">What came of it.</param>
internal readonly record struct Write(int Client, long Row, int Host, long SentNs, long EndedNs, WriteOutcome Outcome)
{
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Client} {Row} {Host} {SentNs} {EndedNs} {Outcome}");

    public static Write Parse(string line)
    {
        var words = line.Split(' ');
        return new(
            int.Parse(words[0], CultureInfo.InvariantCulture), Long(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture), Long(words[3]), Long(words[4]), Enum.Parse<WriteOutcome>(words[5]));
    }

    private static long Long(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
