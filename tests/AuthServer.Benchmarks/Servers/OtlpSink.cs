using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Benchmarks.Servers;

/// <summary>Takes what a server sends by OTLP over HTTP, answers 200 and forgets it. It listens from its first use to the end of this program.</summary>
internal static class OtlpSink
{
    private static readonly Lazy<string> Started = new(Start);

    /// <summary>Where it listens, without a slash at the end.</summary>
    public static string Address => Started.Value;

    // Empty, so that nothing in the environment of this program is taken for a setting of it.
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
