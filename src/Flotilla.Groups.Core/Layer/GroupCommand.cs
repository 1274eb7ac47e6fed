namespace Flotilla.Groups.Core;

/// <summary>What an application asks of its node; one small record per command beside this file.</summary>
public abstract record GroupCommand;
