namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>The packets of Golden/packets.</summary>
internal static class GoldenPackets
{
    public static string Folder { get; } = Repository.Combine("tests", "Flotilla.Gearman.Protocol.Tests", "Golden");

    public static IReadOnlyList<(string Name, byte[] Bytes)> All { get; } = HexFile.ReadAll(Path.Combine(Folder, "packets"));

    public static TheoryData<string> Names => [.. All.Select(packet => packet.Name)];

    public static byte[] Bytes(string name) => All.Single(packet => packet.Name == name).Bytes;
}
