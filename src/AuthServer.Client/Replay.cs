using System.Net.Http.Json;

namespace AuthServer.Client;

/// <summary>Tells which bodies can be sent a second time.</summary>
internal static class Replay
{
    /// <param name="content">The body, which has been sent once.</param>
    /// <param name="version">The version of HTTP that it was sent by.</param>
    public static bool IsPossible(HttpContent? content, Version version) => content switch
    {
        null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        StreamContent stream => stream.ReadAsStream().CanSeek,
        MultipartContent parts => parts.All(part => IsPossible(part, version)),

        // By convention of the platform it can be, or throws. But beyond HTTP/1.1 it may still be on its way when the answer comes.
        _ => version.Major < 2,
    };
}
