namespace Flotilla.JobServer.Http;

/// <summary>The methods of the front. All of them submit a job; HEAD wants the answer's head only.</summary>
internal enum RequestMethod : byte
{
    Get,
    Head,
    Post,
    Put,
}
