namespace Flotilla.Deployment;

/// <summary>Arguments of a job, which say themselves what is wrong with them.</summary>
internal interface IJobArguments
{
    /// <summary>All problems at once; empty when they can be used.</summary>
    IEnumerable<string> Problems();
}
