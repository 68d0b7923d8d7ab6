using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Storage;

/// <summary>A transaction that others came in the way of: nothing was written, and it may go well the next time.</summary>
internal static class WriteConflict
{
    /// <summary>Whether an exception, or one it wraps, says so.</summary>
    public static bool IsTransient(Exception? exception) => exception switch
    {
        null => false,

        // What was read is another by now.
        DbUpdateConcurrencyException => true,

        // The last is a name or a minute that another node has taken since this turn looked for it. Source: postgresql.org, Appendix A.
        PostgresException postgres => postgres.SqlState
            is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation,
        _ => IsTransient(exception.InnerException),
    };
}
