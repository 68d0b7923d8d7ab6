// The endpoints of ASP.NET Core Identity, set up as in the framework's documentation.
using System.Security.Claims;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Peers;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(builder.Configuration["KeyFolder"]!));
builder.Services.AddDbContext<PeerContext>(options => options.UseSqlite(builder.Configuration.GetConnectionString("Peer")));
builder.Services.AddAuthorization();
builder.Services.AddIdentityApiEndpoints<IdentityUser>().AddEntityFrameworkStores<PeerContext>();

var app = builder.Build();
await app.PrepareDatabaseAsync<PeerContext>();
app.MapGet("/ready", () => "ready");
app.MapIdentityApi<IdentityUser>();
app.MapGet("/me", (ClaimsPrincipal user) => new
{
    Id = user.FindFirstValue(ClaimTypes.NameIdentifier),
    Username = user.Identity!.Name,
}).RequireAuthorization();
await app.RunAsync();

internal sealed class PeerContext(DbContextOptions<PeerContext> options) : IdentityDbContext<IdentityUser>(options);
