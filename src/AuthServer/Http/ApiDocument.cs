using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>
/// Makes the OpenAPI document at its first request, because a start can't wait for it. All requests get the same: the document
/// knows nothing of a request. The framework's own route reads <c>Host</c>, and throws for some. Thread-safe.
/// </summary>
/// <param name="provider">Describes the routes.</param>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    /// <summary>The name of the document among the framework's services.</summary>
    public const string Name = "v1";

    private readonly Lock starting = new();
    private Task<SentDocument>? making;

    /// <summary>Gets the document. After a failure, the next call tries again.</summary>
    public Task<SentDocument> GetAsync()
    {
        lock (starting)
        {
            if (making is null or { IsFaulted: true })
            {
                making = Task.Run(MakeAsync);
            }

            return making;
        }
    }

    private async Task<SentDocument> MakeAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        var json = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
        return new SentDocument(json, PageFiles.TagOf(json));
    }
}

/// <summary>The document in UTF-8.</summary>
/// <param name="Json">Its bytes.</param>
/// <param name="Tag">Changes with them.</param>
internal sealed record SentDocument(byte[] Json, EntityTagHeaderValue Tag);
