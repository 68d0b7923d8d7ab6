using AuthServer.Core;
using AuthServer.Http;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>Makes JwtBearer the guard of private routes: our rules, the ended sessions, our errors.</summary>
internal sealed class BearerGuard(AccessTokenRules rules, ValidatedTokenCache validated, EndedSessionCache ended, TimeProvider clock)
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
            OnTokenValidated = context =>
            {
                Accept(context);
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

    private void Accept(TokenValidatedContext context)
    {
        var jwt = (JsonWebToken)context.SecurityToken;
        if (AccessTokenRules.Read(jwt) is not { } caller)
        {
            context.Fail(new SecurityTokenValidationException());
        }
        else if (ended.ReasonOf(caller.SessionId) is { } reason)
        {
            context.Fail(new SessionEndedException(reason));
        }
        else
        {
            validated.Add(jwt.EncodedToken, new ValidatedToken(caller, context.Principal!));
            context.HttpContext.Features.Set(caller);
        }
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
