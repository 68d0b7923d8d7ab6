using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace AuthServer.Http;

/// <summary>The description of the routes, as an OpenAPI document.</summary>
internal static class ApiReference
{
    /// <summary>The scheme of access tokens.</summary>
    public const string Bearer = "bearer";

    /// <summary>The scheme of session cookies.</summary>
    public const string Session = "session";

    /// <summary>The scheme of user name and password.</summary>
    public const string Basic = "basic";

    public static void AddApiReference(this IServiceCollection services)
    {
        services.AddValidatedOptions<DocsOptions>("Docs");
        services.AddSingleton<ApiDocument>();
        services.AddOpenApi(ApiDocument.Name, Describe);
    }

    private static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = context.ApplicationServices.GetRequiredService<IOptions<BrandingOptions>>().Value.Name,
                Version = "v1",
                Description = "Sessions with short-lived access tokens and rotating refresh tokens. When a private route answers "
                    + "`access_token_expired`, post the refresh token to `/refresh` and repeat the request with the new access "
                    + "token. An address that is not listed answers `not_found`, a method that is not listed "
                    + "`method_not_allowed`.",
            };
            document.Servers?.Clear();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Basic] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "basic",
                Description = "User name and password in UTF-8.",
            };
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The accessToken of a login or a refresh.",
            };
            document.Components.SecuritySchemes[Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = "__Host-session",
                Description = "The cookie of a login with `transport=session`. With methods other than GET only from pages of "
                    + "this server or of `Cors:Origins`.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
        options.AddSchemaTransformer(DescribeAsync);
    }

    private static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var document = context.Document!;
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var isPrivate = metadata.OfType<IAuthorizeData>().Any();
        if (isPrivate)
        {
            operation.Security = [RequirementOf(Bearer), RequirementOf(Session)];
        }

        if (metadata.OfType<TakesCredentials>().FirstOrDefault() is { Scheme: var scheme, IsOptional: var isOptional })
        {
            operation.Security = isOptional ? [new(), RequirementOf(scheme)] : [RequirementOf(scheme)];
        }

        if (metadata.OfType<TakesRefreshToken>().Any())
        {
            operation.Parameters = [.. operation.Parameters ?? [], .. TakesRefreshToken.Describe()];
        }

        if (metadata.OfType<TakesDeviceToken>().Any())
        {
            operation.Parameters = [.. operation.Parameters ?? [], .. TakesDeviceToken.Describe()];
            if (operation.Responses?.GetValueOrDefault("200") is OpenApiResponse answer)
            {
                answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
                answer.Headers[DeviceTokens.Header] = TakesDeviceToken.DescribeAnswer();
            }
        }

        operation.Parameters = metadata.OfType<QueryText>().ToList() is { Count: > 0 } texts
            ? [.. operation.Parameters ?? [], .. texts.Select(text => text.Describe())]
            : operation.Parameters;
        if (metadata.OfType<AnswersWithTokens>().FirstOrDefault() is { } answers)
        {
            operation.Parameters = [.. operation.Parameters ?? [], answers.Describe()];
        }

        OpenApiSecurityRequirement RequirementOf(string scheme) =>
            new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem), cancellationToken: ct);
        document.AddComponent(nameof(Problem), problem);
        var byStatus = CodesOf(metadata, isPrivate).Distinct().GroupBy(code => AuthProblems.Describe(code).Status);
        foreach (var codes in byStatus.OrderBy(group => group.Key))
        {
            operation.Responses ??= [];
            operation.Responses[codes.Key.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join("; ", codes.Select(DescribeCode)),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ProblemResult.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), document) },
                },
            };
        }
    }

    private static string DescribeCode(ErrorCode code)
    {
        var description = $"`{AuthProblems.Name(code)}`: {AuthProblems.Describe(code).Detail}";
        return code == ErrorCode.Unavailable
            ? $"{description} `outcome` `unknown` means: {AuthProblems.OutcomeUnknown.Detail}"
            : description;
    }

    // The framework leaves out that enumerations are strings, and that a required member is not null.
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type).IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. schema.Enum?.OfType<JsonNode>().Where(value => value.GetValueKind() == JsonValueKind.String) ?? []];
        }

        foreach (var member in context.JsonTypeInfo.Properties
            .Where(p => p.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: false) == true))
        {
            if (schema.Properties?[member.Name] is OpenApiSchema { Type: { } memberType } described)
            {
                described.Type = memberType & ~JsonSchemaType.Null;
            }
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<ErrorCode> CodesOf(IList<object> metadata, bool isPrivate) =>
    [
        .. metadata.OfType<ProblemCodes>().SelectMany(problems => problems.Codes),
        .. isPrivate
            ?
            [
                ErrorCode.AccessTokenMissing,
                ErrorCode.AccessTokenExpired,
                ErrorCode.AccessTokenInvalid,
                ErrorCode.SessionInvalid,
                ErrorCode.SessionEnded,
            ]
            : Array.Empty<ErrorCode>(),
        .. isPrivate && metadata.OfType<IHttpMethodMetadata>().Any(route => !route.HttpMethods.Contains(HttpMethods.Get))
            ? [ErrorCode.CrossSite]
            : Array.Empty<ErrorCode>(),
        .. metadata.OfType<IAcceptsMetadata>().Any()
            ? [ErrorCode.InvalidRequest, ErrorCode.BodyTooLarge, ErrorCode.UnsupportedMediaType]
            : Array.Empty<ErrorCode>(),
        .. metadata.OfType<EnableRateLimitingAttribute>().Any() ? [ErrorCode.TooManyRequests] : Array.Empty<ErrorCode>(),
        ErrorCode.InternalError,
        .. metadata.OfType<NeedsNoDatabase>().Any() ? Array.Empty<ErrorCode>() : [ErrorCode.Unavailable],
    ];
}

/// <summary>Marks a route that does not use the database.</summary>
internal sealed record NeedsNoDatabase;
