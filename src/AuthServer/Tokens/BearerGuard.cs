using AuthServer.Core;
using AuthServer.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>Makes JwtBearer the guard of private routes: our rules, the ended sessions, our errors.</summary>
internal sealed class BearerGuard(AccessTokenRules rules, ValidatedTokens validated, EndedSessions ended, TimeProvider clock)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.IncludeErrorDetails = false;
        options.SaveToken = false;
        options.TimeProvider = clock;
        options.TokenValidationParameters = rules.Living;
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                // What was in order once still is, but for its life and its session's. A token that is not found, or not any more,
                // takes the whole way, and so gets its error there.
                if (PresentedTokens.AccessTokenOf(context.Request) is { IsEmpty: false } text
                    && validated.Find(text) is { Caller: var caller } token
                    && !rules.HasExpired(caller.IssuedAt, caller.ExpiresAt)
                    && !rules.IsEarly(caller.IssuedAt))
                {
                    context.Principal = token.Principal;
                    Accept(context, caller);
                }

                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                var jwt = (JsonWebToken)context.SecurityToken;
                if (AccessTokenRules.Read(jwt) is { } caller)
                {
                    validated.Add(jwt.EncodedToken, new ValidatedToken(caller, context.Principal!));
                    Accept(context, caller);
                }
                else
                {
                    context.Fail(new SecurityTokenValidationException());
                }

                return Task.CompletedTask;
            },
            OnChallenge = context =>
            {
                context.HandleResponse();
                return AuthProblems.From(RefusalOf(context.AuthenticateFailure)).ExecuteAsync(context.HttpContext);
            },
            OnForbidden = context => AuthProblems.From(ErrorCode.Forbidden).ExecuteAsync(context.HttpContext),
        };
    }

    private void Accept(ResultContext<JwtBearerOptions> context, Caller caller)
    {
        if (ended.ReasonOf(caller.SessionId) is { } reason)
        {
            context.Fail(new SessionEndedException(reason));
            return;
        }

        context.HttpContext.Features.Set(caller);
        context.Success();
    }

    private static Refusal RefusalOf(Exception? failure) => failure switch
    {
        null => new Refusal(ErrorCode.AccessTokenMissing),
        SecurityTokenExpiredException => new Refusal(ErrorCode.AccessTokenExpired),
        SessionEndedException ended => new Refusal(ErrorCode.SessionEnded, ended.Reason),
        _ => new Refusal(ErrorCode.AccessTokenInvalid),
    };

    /// <summary>How the end of a session gets from the check to the challenge.</summary>
    private sealed class SessionEndedException(EndReason reason) : Exception
    {
        public EndReason Reason => reason;
    }
}
