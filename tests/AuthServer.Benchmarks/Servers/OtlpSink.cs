using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Benchmarks.Servers;

/// <summary>
/// An OTLP collector that discards what it receives and answers 200. It listens from its first use until this program ends.
/// </summary>
internal static class OtlpSink
{
    private static readonly Lazy<string> Started = new(Start);

    /// <summary>The address of the collector, without a slash at the end.</summary>
    public static string Address => Started.Value;

    // An empty builder, because a default one would read settings from the environment of this program.
    private static string Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(http => http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted));
        app.Start();
        return app.Urls.Single();
    }
}
