using System.Net;

namespace AuthServer.Hardening.Tests.Faults;

/// <summary>
/// A client that follows the rules of the contract, and remembers each effect that was acknowledged to it. Not thread-safe: it
/// sends one request after another.
/// </summary>
internal sealed class FaultClient(string username, Sender sender, Random random, Ledger ledger)
{
    private readonly List<HeldSession> loggedOut = [];
    private string password = NewPassword(random);
    private HeldSession? session;

    // The new password of a change whose outcome is unknown. The user does not know either, and tries both.
    private string? possiblePassword;

    public async Task RegisterAsync()
    {
        var reply = await sender.SendAsync(HttpMethod.Post, "/register", new { username, password });

        // An attempt before it may have counted.
        Expect(reply.Status == HttpStatusCode.Created || reply.Code == "username_taken", "register", reply);
    }

    /// <summary>Sends a request, or the requests of one action.</summary>
    public Task StepAsync() => session is null
        ? LogInAsync()
        : random.Next(20) switch
        {
            0 or 1 => LogOutAsync(),
            2 when possiblePassword is null => ChangePasswordAsync(),
            < 6 => ReadAsync(),
            _ => RefreshAsync(),
        };

    /// <summary>Compares all acknowledged effects with the database, and logs in with the acknowledged password.</summary>
    /// <param name="read">Reads a session; null if it is not stored.</param>
    public async Task CheckAsync(Func<Guid, Task<StoredSession?>> read)
    {
        if (session is { } held)
        {
            switch (await read(held.Id))
            {
                case null:
                    ledger.Lost($"login of {username}");
                    break;
                case { IsEnded: true } when possiblePassword is null:
                    ledger.FalseLogout($"session {held.Id} of {username} is stored as ended");
                    break;
                case { } stored when stored.Generation < held.Generation:
                    ledger.Lost($"rotation of {username}: {held.Generation} acknowledged, {stored.Generation} stored");
                    break;
                default:
                    break;
            }
        }

        foreach (var ended in loggedOut)
        {
            if (await read(ended.Id) is not { IsEnded: true })
            {
                ledger.Lost($"logout of {username} from {ended.Id}");
            }
        }

        var (current, isPasswordUnknown) = (session, possiblePassword is not null);
        await LogInAsync();
        if (session is not null && session != current)
        {
            await LogOutAsync();
        }

        // A change of password that counted after all has ended the session.
        session = isPasswordUnknown && possiblePassword is null ? null : current;
    }

    // Random letters are in no dictionary.
    private static string NewPassword(Random random) => new(random.GetItems<char>("abcdefghijklmnopqrstuvwxyz0123456789", 20));

    private async Task LogInAsync()
    {
        var reply = await sender.SendAsync(HttpMethod.Post, "/login", new { username, password });
        if (reply.Code == "invalid_credentials" && possiblePassword is { } possible)
        {
            (password, possiblePassword) = (possible, null);
            reply = await sender.SendAsync(HttpMethod.Post, "/login", new { username, password });
        }

        if (reply.Code == "invalid_credentials")
        {
            ledger.Lost($"password of {username}");
        }
        else if (Expect(reply.Status == HttpStatusCode.OK, "login", reply))
        {
            session = HeldSession.Of(reply);
        }
    }

    private async Task RefreshAsync()
    {
        var held = session!;
        var reply = await sender.SendAsync(HttpMethod.Post, "/refresh", new { refreshToken = held.RefreshToken });
        if (!IsLoggedOut(reply, "refresh") && Expect(reply.Status == HttpStatusCode.OK, "refresh", reply))
        {
            session = HeldSession.Of(reply);
            if (session.Id != held.Id || session.Generation <= held.Generation)
            {
                ledger.FalseSuccess($"refresh of {username} by {held.Id}, {held.Generation}: {session.Id}, {session.Generation}");
            }
        }
    }

    private async Task LogOutAsync()
    {
        var held = session!;
        var reply = await sender.SendAsync(HttpMethod.Post, "/logout", new { refreshToken = held.RefreshToken });
        if (!Expect(reply.Status == HttpStatusCode.NoContent, "logout", reply))
        {
            return;
        }

        loggedOut.Add(held);
        session = null;
        reply = await sender.SendAsync(HttpMethod.Get, "/me", accessToken: held.AccessToken);
        if (reply.Status == HttpStatusCode.OK)
        {
            ledger.FalseSuccess($"logout of {username} from {held.Id}");
        }
    }

    // An access token that has expired, or is of a future from which the clock came back, asks for a refresh.
    private async Task ReadAsync()
    {
        var reply = await sender.SendAsync(HttpMethod.Get, "/me", accessToken: session!.AccessToken);
        if (!IsLoggedOut(reply, "read"))
        {
            Expect(reply.Status == HttpStatusCode.OK || AsksForRefresh(reply), "read", reply);
        }
    }

    // Not sent again by itself: the first attempt may have counted.
    private async Task ChangePasswordAsync()
    {
        await RefreshAsync();
        if (session is not { } held)
        {
            return;
        }

        var next = NewPassword(random);
        var body = new { currentPassword = password, newPassword = next, refreshToken = held.RefreshToken };
        var reply = await sender.TrySendAsync(HttpMethod.Post, "/password", body, held.AccessToken);
        if (reply is null or { IsOutcomeUnknown: true })
        {
            // If it counted, the answer had the only tokens that still work.
            (possiblePassword, session) = (next, null);
        }
        else if (AsksForRefresh(reply))
        {
            ledger.CountRetry();
        }
        else if (!reply.IsUnavailable && !IsLoggedOut(reply, "password change")
            && Expect(reply.Status == HttpStatusCode.OK, "password change", reply))
        {
            (password, session) = (next, HeldSession.Of(reply));
        }
    }

    private static bool AsksForRefresh(Reply reply) => reply.Code is "access_token_expired" or "access_token_invalid";

    private bool IsLoggedOut(Reply reply, string action)
    {
        if (reply.Code is not { } code
            || !(code == "session_ended" || code.StartsWith("refresh_token_", StringComparison.Ordinal)))
        {
            return false;
        }

        // A change of password that the client gave up may still be carried out, and ends the sessions that were opened since.
        if (possiblePassword is null || reply.Reason != "password_changed")
        {
            ledger.FalseLogout($"{action} of {username} by {session!.Id}, {session.Generation}: {reply.Text}");
        }

        session = null;
        return true;
    }

    private bool Expect(bool isExpected, string action, Reply reply)
    {
        if (!isExpected)
        {
            ledger.Unexpected($"{action} of {username}: {(int)reply.Status} {reply.Text}");
        }

        return isExpected;
    }
}
