using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>The result of a durable transaction.</summary>
/// <param name="Ended">The sessions that it ended.</param>
/// <param name="Confirmed">The sessions whose earlier end it made sure of.</param>
/// <param name="Lost">
/// The sessions that another transaction has locked or changed first: their decisions have to be made again.
/// </param>
/// <param name="Raised">The sessions whose epoch it raised.</param>
/// <param name="Events">The events that it recorded.</param>
/// <param name="HasMail">True if it wrote mails.</param>
internal sealed record CommitResult(
    IReadOnlyList<SessionEnd> Ended,
    IReadOnlyList<SessionEnd> Confirmed,
    IReadOnlySet<Guid> Lost,
    IReadOnlyList<SessionEpoch> Raised,
    IReadOnlyList<SecurityEvent> Events,
    bool HasMail);
