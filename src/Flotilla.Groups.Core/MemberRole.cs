namespace Flotilla.Groups.Core;

/// <summary>What a member does for decisions.</summary>
public enum MemberRole : byte
{
    /// <summary>Receives and delivers everything, counts for nothing: a newcomer, a slow one, or one beyond <see cref="NodeOptions.MaxVoters"/>.</summary>
    Learner = 1,

    /// <summary>Its acknowledgements make messages safe, its promises make views.</summary>
    Voter = 2,
}
