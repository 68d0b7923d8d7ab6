namespace AuthServer.Storage;

/// <summary>Write conflict with a concurrent transaction; safe to retry.</summary>
internal sealed class WriteConflictException() : Exception("A concurrent transaction changed a session first.");
