using System.Text.Json.Serialization;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core;

/// <summary>
/// One change of the agreed state. Decisions name the plan or epoch they were made for: one that comes late changes nothing, and it does no harm that two nodes think they
/// coordinate.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(DeclareServers), "DeclareServers")]
[JsonDerivedType(typeof(ReportServer), "ReportServer")]
[JsonDerivedType(typeof(KeepAlive), "KeepAlive")]
[JsonDerivedType(typeof(PrimaryDown), "PrimaryDown")]
[JsonDerivedType(typeof(BeginPlan), "BeginPlan")]
[JsonDerivedType(typeof(TellFenced), "TellFenced")]
[JsonDerivedType(typeof(TellPosition), "TellPosition")]
[JsonDerivedType(typeof(ChooseCandidate), "ChooseCandidate")]
[JsonDerivedType(typeof(TellDrained), "TellDrained")]
[JsonDerivedType(typeof(Promote), "Promote")]
[JsonDerivedType(typeof(TellPromoted), "TellPromoted")]
[JsonDerivedType(typeof(AbandonPlan), "AbandonPlan")]
[JsonDerivedType(typeof(ForgetElders), "ForgetElders")]
[JsonDerivedType(typeof(AddAcker), "AddAcker")]
[JsonDerivedType(typeof(LockOutAcker), "LockOutAcker")]
[JsonDerivedType(typeof(ReadmitAcker), "ReadmitAcker")]
[JsonDerivedType(typeof(TellLockedOut), "TellLockedOut")]
[JsonDerivedType(typeof(TakeAwayAcker), "TakeAwayAcker")]
[JsonDerivedType(typeof(Degrade), "Degrade")]
[JsonDerivedType(typeof(ReturnToAcknowledged), "ReturnToAcknowledged")]
[JsonDerivedType(typeof(TellWaiting), "TellWaiting")]
[JsonDerivedType(typeof(EndDegraded), "EndDegraded")]
[JsonDerivedType(typeof(TellUnacknowledged), "TellUnacknowledged")]
[JsonDerivedType(typeof(EndUnacknowledged), "EndUnacknowledged")]
[JsonDerivedType(typeof(GiveOrder), "GiveOrder")]
[JsonDerivedType(typeof(EndOrder), "EndOrder")]
[JsonDerivedType(typeof(SetMaintenance), "SetMaintenance")]
[JsonDerivedType(typeof(SetPause), "SetPause")]
[JsonDerivedType(typeof(SetPolicy), "SetPolicy")]
[JsonDerivedType(typeof(RemoveServer), "RemoveServer")]
[JsonDerivedType(typeof(ForgetServer), "ForgetServer")]
[JsonDerivedType(typeof(AdmitServer), "AdmitServer")]
[JsonDerivedType(typeof(ProvisionServer), "ProvisionServer")]
[JsonDerivedType(typeof(TellProvisioned), "TellProvisioned")]
public abstract record ClusterCommand
{
    /// <summary>By the sender's clock, in milliseconds since 1970; for people only.</summary>
    public long AtMs { get; init; }

    /// <summary>What the group must promise about it.</summary>
    [JsonIgnore]
    public CommandClass Class => this switch
    {
        KeepAlive => CommandClass.Safe,
        ReportServer => CommandClass.Ordered,
        _ => CommandClass.SafeDurable,
    };
}
