using System.ComponentModel.DataAnnotations;

namespace AuthServer.Tokens;

/// <summary>The section <c>Tokens</c>: contents and life of access tokens.</summary>
internal sealed class TokenOptions
{
    /// <summary>The algorithms of access keys. Each key has one, and its type admits no other.</summary>
    internal static readonly string[] Algorithms = ["HS256", "ES256", "RS256"];

    /// <summary>The claim <c>iss</c>.</summary>
    [Required(ErrorMessage = "{0} is empty; set it to the address that clients use.")]
    public string Issuer { get; set; } = "http://localhost:5080";

    /// <summary>The claim <c>aud</c>.</summary>
    [Required(ErrorMessage = "{0} is empty; set it to what your back ends expect.")]
    public string Audience { get; set; } = "authserver";

    /// <summary>The claim <c>client_id</c>.</summary>
    [Required(ErrorMessage = "{0} is empty; set it to the name of your application.")]
    public string ClientId { get; set; } = "authserver";

    /// <summary>The algorithm of the next access key, by its name of RFC 7518 §3.1.</summary>
    [AllowedValues("HS256", "ES256", "RS256", ErrorMessage = "{0} is unknown; set it to HS256, ES256 or RS256.")]
    public string Algorithm { get; set; } = "HS256";

    /// <summary>Life of an access token. Whole seconds, 2 to 300; 20 unless set.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromSeconds(20);
}
