using System.Net.Http.Json;

namespace AuthServer.Client;

/// <summary>Decides which request bodies can be sent a second time.</summary>
internal static class Replay
{
    /// <summary>True if a body can be sent again.</summary>
    /// <param name="content">The body, which has been sent once; null for none.</param>
    /// <param name="version">The version of HTTP that it was sent by.</param>
    public static bool IsPossible(HttpContent? content, Version version) => content switch
    {
        null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent => true,
        StreamContent stream => stream.ReadAsStream().CanSeek,
        MultipartContent parts => parts.All(part => IsPossible(part, version)),

        // By convention of the platform it can be sent again, or throws. But from HTTP/2 on its first sending may still be under
        // way when the response arrives.
        _ => version.Major < 2,
    };
}
