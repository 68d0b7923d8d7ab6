using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Tests.Support;

/// <summary>Counts what reaches the database: commands, and transactions, which any write begins with.</summary>
internal sealed class CommandCounter : DbCommandInterceptor, IDbTransactionInterceptor
{
    private int count;
    private int transactions;

    public int Count => count;

    public int Transactions => transactions;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref count);
        return ValueTask.FromResult(result);
    }

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref count);
        Interlocked.Increment(ref transactions);
        return ValueTask.FromResult(result);
    }
}
