using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>A session as it was last acknowledged to its client.</summary>
/// <param name="Id">The id.</param>
/// <param name="AccessToken">The newest access token.</param>
/// <param name="RefreshToken">The newest refresh token.</param>
internal sealed record HeldSession(Guid Id, string AccessToken, string RefreshToken)
{
    // Version, key id and session id come before it.
    private const int GenerationOffset = 18;

    /// <summary>The generation of the refresh token.</summary>
    public uint Generation =>
        BinaryPrimitives.ReadUInt32BigEndian(Base64Url.DecodeFromChars(RefreshToken).AsSpan(GenerationOffset));

    public static HeldSession Of(Reply reply)
    {
        var pair = JsonSerializer.Deserialize<Pair>(reply.Text, JsonSerializerOptions.Web)!;
        return new HeldSession(pair.SessionId, pair.AccessToken, pair.RefreshToken);
    }
}

/// <summary>A session as it is stored.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="IsEnded">True if it has ended.</param>
internal sealed record StoredSession(long Generation, bool IsEnded);
