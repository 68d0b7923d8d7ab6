using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>The answer about a token. Source: RFC 7662 §2.2.</summary>
/// <param name="Active">True if the token is accepted now.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record Introspection(bool Active)
{
    /// <summary>The claims of an active access token, or the facts of an active refresh token.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Claims { get; set; }

    /// <summary>The answer about an active token.</summary>
    public static Introspection Of(JsonObject claims)
    {
        using var document = JsonDocument.Parse(claims.ToJsonString());
        var members = document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
        return new Introspection(Active: true) { Claims = members };
    }
}

/// <summary>Says whether a token is active, as of now, and ends its session. Sources: RFC 7662, RFC 7009.</summary>
internal sealed class IntrospectionService(
    AccessTokenReader accessTokens,
    ServerKeys keys,
    SessionReader sessions,
    SessionCommandQueue queue,
    SessionPolicy policy,
    IOptions<TokenOptions> options,
    TimeProvider clock)
{
    private static readonly Introspection Inactive = new(Active: false);

    /// <summary>Describes a token. The session is asked, so its end counts at once.</summary>
    public async Task<Introspection> IntrospectAsync(string token, CancellationToken ct)
    {
        if (RefreshToken.TryParse(token, keys.Refresh, out var refresh))
        {
            return await DescribeAsync(refresh, ct);
        }

        if (await accessTokens.ReadAliveAsync(token) is not { } access
            || await sessions.FindAsync(AccessTokenRules.Read(access).SessionId, ct) is not { } session
            || !IsLive(session))
        {
            return Inactive;
        }

        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(access.EncodedPayload))!.AsObject();
        claims.Remove("active");
        claims["token_type"] = "Bearer";
        claims["username"] = claims[JwtRegisteredClaimNames.PreferredUsername]!.DeepClone();
        return Introspection.Of(claims);
    }

    /// <summary>Ends the session of a token: of any genuine refresh token, or of an access token that has not expired.</summary>
    public async Task RevokeAsync(string token, ClientInfo client)
    {
        Guid? session = RefreshToken.TryParse(token, keys.Refresh, out var refresh) ? refresh.SessionId
            : await accessTokens.ReadAsync(token) is { HasExpired: false } access ? access.SessionId
            : null;
        if (session is { } id)
        {
            await queue.EndAsync(id, EndReason.Revoked, userId: null, client);
        }
    }

    private async Task<Introspection> DescribeAsync(RefreshToken token, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await sessions.FindAsync(token.SessionId, ct) is not { } session
            || Rotation.Decide(session.State, token.Generation, now, policy) is not (Advance or Repeat))
        {
            return Inactive;
        }

        return Introspection.Of(new JsonObject
        {
            ["iss"] = options.Value.Issuer,
            ["client_id"] = options.Value.ClientId,
            ["sub"] = $"{session.User.Id}",
            ["sid"] = $"{token.SessionId}",
            ["username"] = session.User.Username,
            ["exp"] = policy.ExpiryOf(session.State.CreatedAt, session.State.RotatedAt).ToUnixTimeSeconds(),
        });
    }

    private bool IsLive(SessionFacts session) =>
        session.State.EndReason is null && !session.User.Disabled
        && clock.GetUtcNow() < policy.ExpiryOf(session.State.CreatedAt, session.State.RotatedAt);
}
