namespace AuthServer.Storage;

/// <summary>Imports another database into the one of a provider.</summary>
internal interface IDatabaseImport
{
    /// <summary>
    /// Imports accounts, sessions, mails, keys and back ends in one transaction: afterwards all of them are there, or none, and
    /// it can be run again.
    /// </summary>
    /// <param name="source">The database to read.</param>
    /// <param name="report">Called with the progress as a line of text.</param>
    /// <param name="ct">Rolls back.</param>
    /// <exception cref="Hosting.StartupException">The database has accounts already.</exception>
    Task ImportAsync(AuthDbContext source, Action<string> report, CancellationToken ct);
}
