using System.Diagnostics;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Trades refresh tokens for new pairs.</summary>
internal sealed class RefreshService(
    SessionCommandQueue sessions, ServerKeys keys, AccessTokenReader accessTokens, TokenPairIssuer tokens, AuthMeter meter)
{
    /// <summary>
    /// Makes a new pair, or refuses with <see cref="ErrorCode.RefreshTokenMissing"/>, <see
    /// cref="ErrorCode.RefreshTokenInvalid"/>, <see cref="ErrorCode.TokenMismatch"/>, <see
    /// cref="ErrorCode.RefreshTokenExpired"/>, <see cref="ErrorCode.RefreshTokenReused"/> or <see
    /// cref="ErrorCode.SessionEnded"/>.
    /// </summary>
    public async Task<Outcome<TokenPair>> RefreshAsync(PresentedTokens presented, ClientInfo client)
    {
        if (presented.RefreshToken is null)
        {
            return Counted(ErrorCode.RefreshTokenMissing);
        }

        if (!RefreshToken.TryParse(presented.RefreshToken, keys.Refresh, out var token))
        {
            return Counted(ErrorCode.RefreshTokenInvalid);
        }

        if (presented.AccessToken is { } accessToken
            && (await accessTokens.ReadAsync(accessToken))?.SessionId != token.SessionId)
        {
            return Counted(ErrorCode.TokenMismatch);
        }

        try
        {
            switch (await sessions.RefreshAsync(token, client))
            {
                case RefreshGranted granted:
                    meter.RefreshDecided(granted.Decision);
                    return tokens.Issue(granted.Grant);
                case RefreshRefused refused:
                    meter.RefreshDecided(refused.Decision);
                    return RefusalOf(refused.Decision);
                case SessionUnknown:
                    meter.RefreshDecided(decision: null);
                    return ErrorCode.RefreshTokenInvalid;
                case var unknown:
                    throw new UnreachableException($"{unknown} is no result of a refresh.");
            }
        }
        catch (UnavailableException)
        {
            meter.RefreshRefused(ErrorCode.Unavailable);
            throw;
        }
    }

    private ErrorCode Counted(ErrorCode code)
    {
        meter.RefreshRefused(code);
        return code;
    }

    /// <summary>The refusal of a decision that grants no tokens.</summary>
    public static Refusal RefusalOf(RotationDecision decision) => decision switch
    {
        Refuse { Reason: EndReason.Reused } or EndAsReused => new Refusal(ErrorCode.RefreshTokenReused),

        // The same answer before and after the sweeper.
        Refuse { Reason: EndReason.Expired } or Expire => new Refusal(ErrorCode.RefreshTokenExpired),
        Refuse ended => new Refusal(ErrorCode.SessionEnded, ended.Reason),
        EndAsDisabled => new Refusal(ErrorCode.SessionEnded, EndReason.Disabled),
        _ => throw new UnreachableException($"{decision} refuses no refresh."),
    };
}
