using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>An optional query parameter of a route that reads it by itself, for the API reference.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its meaning.</param>
internal sealed record QueryText(string Name, string Description)
{
    public OpenApiParameter Describe() => new()
    {
        Name = Name,
        In = ParameterLocation.Query,
        Description = Description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
