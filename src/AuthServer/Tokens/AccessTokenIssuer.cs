using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AuthServer.Bearer;
using AuthServer.Core;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>Issues access tokens. Source: RFC 9068 §2. Safe to share.</summary>
internal sealed class AccessTokenIssuer(IOptions<TokenOptions> options, AccessKeyRing keys, IssuedTokenCache issued)
{
    private const int UsualLength = 512;

    // The payload is encoded as base64url, so it is never part of a page; escapes would make names of other scripts six times as
    // long.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Signs a token for a decision; its life counts from the second of <see cref="SessionGrant.DecidedAt"/>.</summary>
    public string Issue(SessionGrant grant)
    {
        var key = keys.Signing;
        var token = key.SignToken(PayloadOf(grant));
        if (key.Public is not null)
        {
            issued.Add(token);
        }

        return token;
    }

    /// <summary>
    /// Signs a token for an application of another audience. It has no <c>auth_time</c>, so that no route takes it for a token of
    /// this server.
    /// </summary>
    public string IssueForApplication(SessionGrant grant, string audience) =>
        keys.Signing.SignToken(PayloadOf(grant, audience));

    /// <summary>The payload of a token for a decision, in UTF-8.</summary>
    /// <param name="grant">The decision.</param>
    /// <param name="application">The audience if it is an application; null for this server and its back ends.</param>
    public ReadOnlySpan<byte> PayloadOf(SessionGrant grant, string? application = null)
    {
        // Rounded down to the second of NumericDate, so that the token never lives longer than its lifetime.
        var issuedAt = grant.DecidedAt.ToUnixTimeSeconds();

        // Written here because the library takes three times as long for the same text and its signature.
        var buffer = new ArrayBufferWriter<byte>(UsualLength);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString(JwtRegisteredClaimNames.Iss, options.Value.Issuer);
            json.WriteString(JwtRegisteredClaimNames.Aud, application ?? options.Value.Audience);
            json.WriteString(JwtRegisteredClaimNames.Sub, grant.User.Id);
            json.WriteString(AccessTokenClaims.ClientId, options.Value.ClientId);
            json.WriteNumber(JwtRegisteredClaimNames.Iat, issuedAt);
            json.WriteNumber(JwtRegisteredClaimNames.Exp, issuedAt + (long)options.Value.AccessLifetime.TotalSeconds);
            json.WriteString(JwtRegisteredClaimNames.Jti, Guid.NewGuid());
            json.WriteString(JwtRegisteredClaimNames.Sid, grant.SessionId);
            json.WriteString(JwtRegisteredClaimNames.PreferredUsername, grant.User.Username);
            json.WriteString(JwtRegisteredClaimNames.Name, grant.User.DisplayName);
            if (grant.User.VerifiedEmail is { } email)
            {
                json.WriteString(JwtRegisteredClaimNames.Email, email);
                json.WriteBoolean(JwtRegisteredClaimNames.EmailVerified, value: true);
            }

            json.WriteStartArray(AccessTokenClaims.Roles);
            foreach (var role in grant.User.Roles)
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            json.WriteBoolean(AccessTokenClaims.Admin, grant.User.Roles.Contains(RoleName.Administrator));
            if (application is null)
            {
                json.WriteNumber(JwtRegisteredClaimNames.AuthTime, grant.AuthenticatedAt.ToUnixTimeSeconds());
            }

            json.WriteStartArray(JwtRegisteredClaimNames.Amr);
            foreach (var (method, name) in AccessTokenClaims.AmrValues)
            {
                if (grant.Methods.HasFlag(method))
                {
                    json.WriteStringValue(name);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
