using AuthServer.Core;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Bearer;

/// <summary>Notified of each error that answers a request. A program without one pays nothing.</summary>
internal interface IRefusalListener
{
    /// <summary>Takes note of an error, before it is written. Never throws.</summary>
    void OnRefused(HttpContext context, Refusal refusal);
}
