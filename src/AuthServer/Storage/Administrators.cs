using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a change that can take the last administrator from the server.</summary>
internal enum AccountResult
{
    /// <summary>The change was made, or there was nothing to change.</summary>
    Changed,

    /// <summary>The account does not exist, or the session that asks has ended. The account has not changed.</summary>
    Void,

    /// <summary>No administrator would be left. The account has not changed.</summary>
    LastAdministrator,
}

/// <summary>Administrators: accounts with the role of administrators that are neither disabled nor deleted.</summary>
internal static class Administrators
{
    /// <summary>
    /// True if no administrator would be left without this one, until the transaction is over. Transactions that ask it run one
    /// after the other, or two administrators could remove each other.
    /// </summary>
    /// <param name="transaction">The transaction that would remove the administrator.</param>
    /// <param name="user">The user, which the transaction has loaded and not changed.</param>
    /// <param name="ct">Cancels the queries.</param>
    public static async Task<bool> IsLastAdministratorAsync(
        this WriteTransaction transaction, UserRow user, CancellationToken ct)
    {
        if (user.Disabled || !user.Roles.Contains(RoleName.Administrator))
        {
            return false;
        }

        await transaction.LockAdministratorsAsync(ct);
        return !await transaction.Db.Users.AnyAsync(
            u => u.Id != user.Id && u.DeletedAt == null && !u.Disabled && u.Roles.Contains(RoleName.Administrator), ct);
    }
}
