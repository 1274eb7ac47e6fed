namespace Flotilla.Deployment;

/// <summary>Arguments of a job, which say themselves what is wrong with them.</summary>
internal interface IJobArguments
{
    /// <summary>What it is about, for the log: no secrets.</summary>
    string Subject { get; }

    /// <summary>All problems at once; empty when they can be used.</summary>
    IEnumerable<string> Problems();
}
