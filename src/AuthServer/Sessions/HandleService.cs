using System.Diagnostics;
using System.Text;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

/// <summary>
/// Knows callers by the handle of their session. A node reads the session at most once an access lifetime, and refuses it as soon
/// as it has ended or its epoch was raised. Safe to share.
/// </summary>
internal sealed class HandleService(
    HandleCache handles,
    SessionReader sessions,
    SessionCommandQueue queue,
    SessionEpochs epochs,
    EndedSessionCache ended,
    ServerKeys keys,
    AccessTokenIssuer claims,
    SessionPolicy policy,
    IOptions<TokenOptions> options,
    TimeProvider clock)
{
    /// <summary>Reads a handle; null if it is forged.</summary>
    public PresentedHandle? Read(string text)
    {
        var ring = keys.Handles;
        if (handles.Find(text) is { } known)
        {
            // The keys of a node change when one is revoked.
            return known.Keys == ring || SessionHandle.TryParse(text, ring, out _) ? known : null;
        }

        return SessionHandle.TryParse(text, ring, out var handle)
            ? handles.Add(text, new PresentedHandle(handle, ring))
            : null;
    }

    /// <summary>
    /// The caller of a genuine handle. Refuses with <see cref="ErrorCode.SessionEnded"/>, or with <see
    /// cref="ErrorCode.SessionInvalid"/> if the session is unknown or its epoch is higher.
    /// </summary>
    /// <param name="presented">The handle.</param>
    /// <param name="clientOf">Makes the origin of the request. Called only if the session is read.</param>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public async ValueTask<Outcome<ValidatedToken>> FindAsync(PresentedHandle presented, Func<ClientInfo> clientOf)
    {
        var reading = presented.Last is { } last && Counts(last)
            ? last
            : presented.Read(Counts, () => new SessionReading(
                clock.GetTimestamp(), epochs.Resets, ReadSessionAsync(presented.Handle, clientOf())));
        var caller = await reading.Caller;
        var handle = presented.Handle;
        return ended.ReasonOf(handle.SessionId) is { } reason ? new Refusal(ErrorCode.SessionEnded, reason)
            : epochs.Of(handle.SessionId) > handle.Epoch ? ErrorCode.SessionInvalid
            : caller;
    }

    private bool Counts(SessionReading reading) =>
        clock.GetElapsedTime(reading.BegunAt) < options.Value.AccessLifetime
        && reading.Resets == epochs.Resets
        && !reading.Caller.IsFaulted;

    private async Task<Outcome<ValidatedToken>> ReadSessionAsync(SessionHandle handle, ClientInfo client)
    {
        // Never cancelled with its request, because further requests wait for it.
        if (await sessions.FindAsync(handle.SessionId, CancellationToken.None) is not { } session)
        {
            return ErrorCode.SessionInvalid;
        }

        var now = clock.GetUtcNow();
        switch (SessionUse.Decide(session.State, handle.Epoch, now, policy))
        {
            case RefuseUse over:
                return new Refusal(ErrorCode.SessionEnded, over.Reason);
            case RefuseOldHandle:
                return ErrorCode.SessionInvalid;
            case AcceptUse accepted:
                if (accepted.IsDue)
                {
                    _ = WriteUseAsync(handle, client);
                }

                var grant = session.Row.ToGrant(session.User, now, policy);
                return ValidatedToken.OfPayload(Encoding.UTF8.GetString(claims.PayloadOf(grant)));
            case var unknown:
                throw new UnreachableException($"{unknown} is no decision on a use.");
        }
    }

    // No request waits for it, and the next reading tries again what has failed.
    private async Task WriteUseAsync(SessionHandle handle, ClientInfo client)
    {
        try
        {
            await queue.UseAsync(handle, client);
        }
        catch (UnavailableException)
        {
        }
    }
}
