// A server-rendered application. Its pages know their users by the session cookie of the auth server, and get no token.
//
//     dotnet run --project src/AuthServer -- --Proxies:Known:0=127.0.0.1 --Proxies:Known:1=::1
//     dotnet run --project src/Samples/RazorPages
//
// Then open http://localhost:5070. The settings are in appsettings.json: the address of the auth server, and the addresses of
// the application's own proxies, separated by commas.
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.HttpOverrides;
using RazorPages;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpContextAccessor();
builder.Services.AddHttpClient<AuthServerApi>(http =>
{
    http.BaseAddress = new Uri(builder.Configuration["AuthServer"]!);
    http.Timeout = TimeSpan.FromSeconds(15);
}).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
{
    UseCookies = false, // with cookies of its own, a client would give all users the session of one
    AllowAutoRedirect = false,
    RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, // a user agent may be any text
});
builder.Services.AddAuthentication(SessionCookieHandler.SchemeName)
    .AddScheme<AuthenticationSchemeOptions, SessionCookieHandler>(SessionCookieHandler.SchemeName, configureOptions: null);
builder.Services.AddRouting(options => options.LowercaseUrls = true);
builder.Services.AddRazorPages(options => options.Conventions
    .AuthorizeFolder("/").AllowAnonymousToPage("/Login").AllowAnonymousToPage("/Error"));

var proxies = (builder.Configuration["Proxies"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
builder.Services.Configure<ForwardedHeadersOptions>(options =>
{
    options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
    options.ForwardLimit = null; // a known proxy may be behind another one
    options.KnownIPNetworks.Clear();
    options.KnownProxies.Clear();
    Array.ForEach(proxies, proxy => options.KnownProxies.Add(IPAddress.Parse(proxy)));
});

var app = builder.Build();
if (proxies.Length > 0)
{
    // Without a known proxy, the framework would believe every client.
    app.UseForwardedHeaders();
}

app.UseStatusCodePagesWithReExecute("/error/{0}");
app.Use((context, next) =>
{
    // A page is of one user, so no cache may keep it. No page of another site may frame it.
    context.Response.Headers.CacheControl = "no-cache, no-store";
    context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
    return next(context);
});
app.UseAuthentication();
app.UseAuthorization();
app.MapRazorPages();
await app.RunAsync();
