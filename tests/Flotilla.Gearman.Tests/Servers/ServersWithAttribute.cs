using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>Runs a theory with each server that has the feature; the others are not applicable, and so not skipped either.</summary>
public sealed class ServersWithAttribute(Feature feature = Feature.Everything) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
        => ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<ServerKind>().Where(kind => Applicable.Has(kind, feature)).Select(kind => new TheoryDataRow(kind))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
