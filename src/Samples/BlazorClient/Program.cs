// A page that runs in the browser: logs in, requests a private route, survives a reload, and logs out.
//
//     dotnet run --project src/AuthServer -- --Cors:Origins:0=http://localhost:5090
//     dotnet run --project src/Samples/BlazorClient --urls http://localhost:5090
//
// The address of the server is in wwwroot/appsettings.json.
using AuthServer.Client;
using BlazorClient;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
var server = new Uri(builder.Configuration["AuthServer"]!);
builder.Services.AddSingleton<ITokenStore>(new TabTokenStore()); // without this line, a reload logs out
builder.Services.AddAuthServerClient(options => options.ServerAddress = server);
builder.Services.AddHttpClient("api", http => http.BaseAddress = server).AddAuthServerTokens();
builder.RootComponents.Add<App>("#app");
await builder.Build().RunAsync();
