using System.Net;
using AuthServer.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthServer.Tests.Support;

/// <summary>Lets a request of a test come from an address of its choice, which the test server has none of.</summary>
internal sealed class ClientAddress : IStartupFilter
{
    private const string Header = "Test-Client-Address";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (context.Request.Headers.TryGetValue(Header, out var address))
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
            }

            return following();
        });
        next(app);
    };

    /// <summary>Adds the filter, and limits failures while requests are not limited.</summary>
    public static void Use(IServiceCollection services, FailureLimits? limits = null)
    {
        services.AddSingleton<IStartupFilter>(new ClientAddress());
        services.Replace(ServiceDescriptor.Singleton(limits ?? new FailureLimits()));
    }

    /// <summary>A client whose requests come from an address.</summary>
    public static HttpClient ClientAt(AuthServerApp app, string address)
    {
        var http = app.CreateClient();
        http.DefaultRequestHeaders.Add(Header, address);
        return http;
    }
}
