using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>Addresses of clients, which the test server does not have: a request carries its own in a header.</summary>
internal sealed class ClientAddresses : IStartupFilter
{
    private const string Header = "Test-Client-Address";

    public static void AddTo(IServiceCollection services) => services.AddSingleton<IStartupFilter>(new ClientAddresses());

    /// <summary>A client of an address.</summary>
    public static HttpClient Create(AuthServerApp app, string address)
    {
        var http = app.CreateClient();
        http.DefaultRequestHeaders.Add(Header, address);
        return http;
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (context.Request.Headers.TryGetValue(Header, out var address))
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
            }

            return following(context);
        });
        next(app);
    };
}
