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
        if (handles.Find(text) is not { } known)
        {
            return SessionHandle.TryParse(text, ring, out var handle)
                ? handles.Add(text, new PresentedHandle(handle, ring))
                : null;
        }

        if (known.Keys != ring)
        {
            if (!SessionHandle.TryParse(text, ring, out _))
            {
                return null;
            }

            known.Keys = ring;
        }

        return known;
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
        if (RefusalOf(presented.Handle) is { } refusal)
        {
            return refusal;
        }

        var reading = presented.Last is { } last && Counts(last)
            ? last
            : presented.Read(Counts, () => new SessionReading(
                clock.GetTimestamp(),
                clock.GetUtcNow(),
                epochs.Resets,
                ReadSessionAsync(presented.Handle, clientOf())));
        var caller = await reading.Caller;

        // The session may have ended while it was read.
        return RefusalOf(presented.Handle) ?? caller;
    }

    // What is known without reading.
    private Outcome<ValidatedToken>? RefusalOf(SessionHandle handle) =>
        ended.ReasonOf(handle.SessionId) is { } reason ? new Refusal(ErrorCode.SessionEnded, reason)
        : epochs.Of(handle.SessionId) > handle.Epoch ? ErrorCode.SessionInvalid
        : null;

    private bool Counts(SessionReading reading) =>
        clock.GetElapsedTime(reading.BegunAt) < options.Value.AccessLifetime
        && clock.GetUtcNow() - reading.Moment < options.Value.AccessLifetime
        && reading.Resets == epochs.Resets
        && !reading.Caller.IsFaulted;

    private async Task<Outcome<ValidatedToken>> ReadSessionAsync(SessionHandle handle, ClientInfo client)
    {
        // On another thread, because SQLite reads on the one that calls it, which holds the handle's lock. Never cancelled with
        // its request, because further requests wait for it.
        await Task.Yield();
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
                    queue.Use(handle, client);
                }

                var grant = session.Row.ToGrant(session.User, now, policy);
                return ValidatedToken.OfPayload(Encoding.UTF8.GetString(claims.PayloadOf(grant)));
            case var unknown:
                throw new UnreachableException($"{unknown} is no decision on a use.");
        }
    }
}
