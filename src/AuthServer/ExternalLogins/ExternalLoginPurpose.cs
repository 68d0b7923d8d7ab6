using System.Text.Json;
using AuthServer.Tokens;

namespace AuthServer.ExternalLogins;

/// <summary>Purpose of a login at a provider. It is part of the sealed state, which the browser carries.</summary>
/// <param name="Kind">The kind of session to open.</param>
/// <param name="Replaces">The session of the browser, which the new one takes the place of; null if there is none.</param>
/// <param name="Link">The account to link instead of a login; null for a login.</param>
internal sealed record ExternalLoginPurpose(SessionKind Kind, Guid? Replaces = null, LinkRequest? Link = null)
{
    private const string Item = "purpose";

    /// <summary>Writes the purpose into the items of a state.</summary>
    public void WriteTo(IDictionary<string, string?> items) =>
        items[Item] = JsonSerializer.Serialize(this, ExternalLoginsJson.Default.ExternalLoginPurpose);

    /// <summary>Reads the purpose from the items of a state, which has always one.</summary>
    public static ExternalLoginPurpose ReadFrom(IReadOnlyDictionary<string, string?> items) =>
        JsonSerializer.Deserialize(items[Item]!, ExternalLoginsJson.Default.ExternalLoginPurpose)!;
}

/// <summary>A request to link an identity to an account.</summary>
/// <param name="UserId">The account.</param>
/// <param name="SecurityStamp">Its security stamp at the request.</param>
/// <param name="SessionId">The session of the request.</param>
/// <param name="Epoch">The epoch of its handle; null for a session with tokens.</param>
/// <param name="IsJoin">True to link only an identity with the verified address of the account.</param>
internal sealed record LinkRequest(Guid UserId, Guid SecurityStamp, Guid SessionId, uint? Epoch = null, bool IsJoin = false);
