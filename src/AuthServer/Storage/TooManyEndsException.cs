namespace AuthServer.Storage;

/// <summary>
/// The transaction would end more sessions than <see cref="WriteTransaction.MaxEnds"/>. Nothing was changed. <see
/// cref="SessionEnder"/> ends them in batches and runs the transaction again.
/// </summary>
internal sealed class TooManyEndsException : Exception;
