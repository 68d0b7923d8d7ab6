using AuthServer.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>Configures JwtBearer with the rules of access tokens, the ended sessions and the errors of the contract.</summary>
internal sealed class ConfigureJwtBearer(
    AccessTokenRules rules,
    IAccessTokenKeys keys,
    IssuedTokenCache issued,
    ValidatedTokenCache validated,
    EndedSessionCache ended,
    TimeProvider clock)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
        {
            return;
        }

        options.IncludeErrorDetails = false;
        options.SaveToken = false;
        options.TimeProvider = clock;
        options.TokenHandlers.Clear();
        options.TokenHandlers.Add(new AccessTokenHandler(keys, issued));
        options.TokenValidationParameters = rules.Alive;
        options.Events = new JwtBearerEvents
        {
            // JwtBearer would trim other white space too.
            OnMessageReceived = context =>
            {
                context.Token = AuthorizationHeader.AccessTokenOf(context.Request).ToString();
                return Task.CompletedTask;
            },
            OnTokenValidated = AcceptAsync,
            OnChallenge = context =>
            {
                context.HandleResponse();
                return AnswerAsync(context.HttpContext, RefusalOf(context.AuthenticateFailure));
            },
            OnForbidden = context => AnswerAsync(context.HttpContext, new Refusal(ErrorCode.Forbidden)),
        };
    }

    // An answer that the evaluation of the policy has left comes first.
    private static Task AnswerAsync(HttpContext context, Refusal refusal) =>
        (context.Features.Get<RefusedCaller>()?.Answer ?? BearerProblems.From(refusal)).ExecuteAsync(context);

    private async Task AcceptAsync(TokenValidatedContext context)
    {
        var jwt = (JsonWebToken)context.SecurityToken;
        var caller = AccessTokenRules.Read(jwt);
        if (ended.ReasonOf(caller.SessionId) is { } reason)
        {
            context.Fail(new SessionEndedException(reason));
            return;
        }

        context.Principal = CompactPrincipal.CopyOf(context.Principal!);

        // The cache does not know nbf, so a token that has it is checked each time.
        if (jwt.ValidFrom == default)
        {
            validated.Add(jwt.EncodedToken, new ValidatedToken(caller, context.Principal));

            // Its key may have been withdrawn, and the cache cleared, between the check and this moment.
            if (await keys.FindAsync(jwt.Kid) is null)
            {
                validated.Clear();
            }
        }

        context.HttpContext.Features.Set(caller);
    }

    private static Refusal RefusalOf(Exception? failure) => failure switch
    {
        null => new Refusal(ErrorCode.AccessTokenMissing),
        SecurityTokenExpiredException => new Refusal(ErrorCode.AccessTokenExpired),
        SessionEndedException ended => new Refusal(ErrorCode.SessionEnded, ended.Reason),
        _ => new Refusal(ErrorCode.AccessTokenInvalid),
    };

    /// <summary>Carries the end of a session from the check to the challenge.</summary>
    private sealed class SessionEndedException(EndReason reason) : AuthenticationFailureException(message: null)
    {
        public EndReason Reason => reason;
    }
}
