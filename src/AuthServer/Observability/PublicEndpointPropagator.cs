using System.Diagnostics;

namespace AuthServer.Observability;

/// <summary>
/// Ignores the trace and the baggage that a request names, so that each request has a trace of its own. Clients are not
/// trusted: they would choose the <c>traceId</c> of errors and log lines, and which requests are sampled. Source: W3C Trace
/// Context, Denial of Service.
/// </summary>
internal sealed class PublicEndpointPropagator : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => [];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // The server sends no requests that belong to a trace.
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(
        object? carrier, PropagatorGetterCallback? getter) => null;
}
