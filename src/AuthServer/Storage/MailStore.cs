using System.Runtime.CompilerServices;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A mail that is to be sent, with its account.</summary>
/// <param name="Mail">The mail.</param>
/// <param name="User">The account as it is.</param>
internal sealed record ClaimedMail(MailRow Mail, UserRow User);

/// <summary>The outbox. Each mail is sent by one node at a time. Safe to share.</summary>
internal sealed class MailStore(TransactionRunner runner, IStorageProvider provider)
{
    /// <summary>Maximum number of mails of one kind in an hour that an account is sent on request.</summary>
    public const int MaxPerHour = 3;

    /// <summary>
    /// Adds a mail to the account that a stranger has named by its verified address, or else by its name. Without such an account
    /// it is added too, and removed when it is due.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="login">The login name, in normal form.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<Unit> AddAsync(MailKind kind, string login, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var owner = await transaction.Db.Users
                .Where(u => u.VerifiedEmail != null && (u.VerifiedEmail == login || u.NormalizedUsername == login))
                .OrderByDescending(u => u.VerifiedEmail == login)
                .Select(u => new { u.Id, u.SecurityStamp, u.Email })
                .FirstOrDefaultAsync(token);
            transaction.Send(kind, owner?.Id ?? Guid.Empty, owner?.SecurityStamp ?? Guid.Empty, owner?.Email ?? "");
            return default(Unit);
        },
        ct);

    /// <summary>The moment when the next mail is due. Null if none is waiting. Reads without EF Core.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) =>
        (await provider.ReadRowsAsync(
            $"SELECT min(due_at) FROM mails WHERE state = {(int)MailState.Waiting}", reader => reader.MomentOf(0), ct))[0];

    /// <summary>
    /// Claims the mail that has been due for longest, so that no other node sends it meanwhile. A mail that its account must not
    /// or can't get is removed, and the next one claimed.
    /// </summary>
    /// <param name="lease">Time for which the mail is claimed. After it, another attempt is due.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The mail; null if none is due.</returns>
    public async Task<ClaimedMail?> ClaimAsync(TimeSpan lease, CancellationToken ct)
    {
        while (true)
        {
            var (isOne, claimed) = await runner.RunAsync((transaction, token) => ClaimOnceAsync(transaction, lease, token), ct);
            if (claimed is not null || !isOne)
            {
                return claimed;
            }
        }
    }

    /// <summary>Records that a mail was sent, unless another node has claimed it since, or its link was used.</summary>
    public Task<Unit> CompleteAsync(MailRow claimed, CancellationToken ct) =>
        ChangeAsync(claimed, MailState.Sent, problem: null, nextAt: null, ct);

    /// <summary>Records a problem, unless another node has claimed the mail since, or its link was used.</summary>
    /// <param name="claimed">The mail.</param>
    /// <param name="problem">The problem, in a few words without any secret.</param>
    /// <param name="nextAt">The moment of the next attempt; null if there is none.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<Unit> FailAsync(MailRow claimed, string problem, DateTimeOffset? nextAt, CancellationToken ct) =>
        ChangeAsync(claimed, nextAt is null ? MailState.Failed : MailState.Waiting, problem, nextAt, ct);

    /// <summary>Lists all mails, the newest first.</summary>
    public async IAsyncEnumerable<MailRow> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = provider.CreateContext();
        await foreach (var mail in db.Mails.AsNoTracking().OrderByDescending(m => m.Id).AsAsyncEnumerable().WithCancellation(ct))
        {
            yield return mail;
        }
    }

    /// <summary>Makes mails due that have failed: one, or all. Links that strangers ask for are not sent late.</summary>
    /// <returns>The number of mails.</returns>
    public Task<int> RetryAsync(Guid? id, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.Db.Mails
            .Where(m => m.State == MailState.Failed && (id == null || m.Id == id)
                && m.Kind != MailKind.ResetPassword && m.Kind != MailKind.LogIn && m.Kind != MailKind.ReauthenticationCode)
            .ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, MailState.Waiting)
                    .SetProperty(m => m.Attempts, 0)
                    .SetProperty(m => m.Problem, (string?)null)
                    .SetProperty(m => m.DueAt, transaction.Now)
                    .SetProperty(m => m.CreatedAt, transaction.Now),
                token),
        ct);

    /// <summary>Counts the mails of a kind that an account was sent in the last hour or will be, up to the limit.</summary>
    public static Task<int> CountRecentAsync(WriteTransaction transaction, Guid userId, MailKind kind, CancellationToken ct) =>
        Recent(transaction, kind).Where(m => m.UserId == userId).Take(MaxPerHour).CountAsync(ct);

    private static IQueryable<MailRow> Recent(WriteTransaction transaction, MailKind kind)
    {
        var since = transaction.Now - TimeSpan.FromHours(1);
        return transaction.Db.Mails.Where(m => m.Kind == kind && m.CreatedAt > since);
    }

    // False if no mail is due.
    private static async Task<(bool IsOne, ClaimedMail? Claimed)> ClaimOnceAsync(
        WriteTransaction transaction, TimeSpan lease, CancellationToken ct)
    {
        // A flood of requests for accounts that do not exist delays no mail.
        var mails = transaction.Db.Mails;
        await mails.Where(m => m.UserId == Guid.Empty).ExecuteDeleteAsync(ct);
        var found = await mails.AsNoTracking().Where(m => m.State == MailState.Waiting && m.DueAt <= transaction.Now)
            .OrderBy(m => m.DueAt).ThenBy(m => m.Id).FirstOrDefaultAsync(ct);
        if (found is null)
        {
            return (false, null);
        }

        // On PostgreSQL another node may have claimed it since.
        var same = mails.Where(m => m.Id == found.Id && m.DueAt == found.DueAt && m.State == MailState.Waiting);
        var isClaimed = await same.ExecuteUpdateAsync(
            set => set.SetProperty(m => m.DueAt, transaction.Now + lease).SetProperty(m => m.Attempts, m => m.Attempts + 1),
            ct) == 1;
        if (!isClaimed)
        {
            return (true, null);
        }

        var mail = await mails.SingleAsync(m => m.Id == found.Id, ct);
        var user = await transaction.Db.Users.SingleOrDefaultAsync(u => u.Id == mail.UserId, ct);
        if (user is null
            || (user.Disabled && mail.Kind is not (MailKind.AccountDeleted or MailKind.EmailChange))
            || await IsForbiddenAsync(transaction, mail, user, ct))
        {
            mails.Remove(mail);
            return (true, null);
        }

        if (transaction.Now - mail.CreatedAt >= MailKinds.GivenUpAfter(mail.Kind))
        {
            (mail.State, mail.Problem) = (MailState.Failed, mail.Problem ?? "no attempt ended in time");
            return (true, null);
        }

        return (true, new ClaimedMail(mail, user));
    }

    // A link counts for the credentials of its request alone. An account and an address get few links an hour.
    private static async Task<bool> IsForbiddenAsync(
        WriteTransaction transaction, MailRow mail, UserRow user, CancellationToken ct)
    {
        if (MailKinds.LifetimeOf(mail.Kind) is null)
        {
            return false;
        }

        if (mail.SecurityStamp != user.SecurityStamp)
        {
            return true;
        }

        // A mail that was tried may have arrived, and its link needs its row.
        if (mail.Attempts > 1)
        {
            return false;
        }

        var before = Recent(transaction, mail.Kind).Where(m => m.Attempts > 0 && m.Id != mail.Id);
        var (ofAccount, ofAddress) = (
            before.Where(m => m.UserId == mail.UserId),
            before.Where(m => m.NormalizedAddress == mail.NormalizedAddress));
        return await ofAccount.Take(MaxPerHour).CountAsync(ct) == MaxPerHour
            || await ofAddress.Take(MaxPerHour).CountAsync(ct) == MaxPerHour;
    }

    // By one statement, because a row that was read may have been used by the time it is written.
    private Task<Unit> ChangeAsync(
        MailRow claimed, MailState state, string? problem, DateTimeOffset? nextAt, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var dueAt = nextAt ?? transaction.Now;
            await transaction.Db.Mails
                .Where(m => m.Id == claimed.Id && m.State == MailState.Waiting && m.Attempts == claimed.Attempts)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(m => m.State, state)
                        .SetProperty(m => m.DueAt, dueAt)
                        .SetProperty(m => m.Problem, problem),
                    token);
            return default(Unit);
        },
        ct);
}
