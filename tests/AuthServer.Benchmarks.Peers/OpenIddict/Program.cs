// OpenIddict over Identity's users, with the password and refresh token flows, set up as in its samples. It rotates refresh
// tokens by default.
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Validation.AspNetCore;
using Peers;
using Peers.OpenIddict;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(builder.Configuration["KeyFolder"]!));
builder.Services.AddDbContext<PeerContext>(options =>
    options.UseSqlite(builder.Configuration.GetConnectionString("Peer")).UseOpenIddict());
builder.Services.AddIdentity<IdentityUser, IdentityRole>().AddEntityFrameworkStores<PeerContext>();
builder.Services.AddOpenIddict()
    .AddCore(options => options.UseEntityFrameworkCore().UseDbContext<PeerContext>())
    .AddServer(options =>
    {
        options.SetTokenEndpointUris("connect/token");
        options.AllowPasswordFlow().AllowRefreshTokenFlow().AcceptAnonymousClients();
        options.AddEncryptionKey(KeyOf("encryption.pem")).AddSigningKey(KeyOf("signing.pem"));
        options.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
    })
    .AddValidation(options =>
    {
        options.UseLocalServer();
        options.UseAspNetCore();
    });
builder.Services.AddAuthentication(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
builder.Services.AddAuthorization();

var app = builder.Build();
await app.PrepareDatabaseAsync<PeerContext>();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/ready", () => "ready");
app.MapPost("/register", async (Registration body, UserManager<IdentityUser> users) =>
    (await users.CreateAsync(new IdentityUser(body.Email) { Email = body.Email }, body.Password)).Succeeded
        ? Results.Created()
        : Results.BadRequest());
app.MapPost("/connect/token", TokenEndpoint.HandleAsync);
app.MapGet("/me", (ClaimsPrincipal user) => new { Id = user.FindFirstValue("sub"), Username = user.FindFirstValue("name") })
    .RequireAuthorization(policy => policy
        .AddAuthenticationSchemes(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme).RequireAuthenticatedUser());
await app.RunAsync();

// The keys persist across restarts, like the certificates of a server.
RsaSecurityKey KeyOf(string name)
{
    var file = Path.Combine(builder.Configuration["KeyFolder"]!, name);
    var rsa = RSA.Create(2048);
    if (File.Exists(file))
    {
        rsa.ImportFromPem(File.ReadAllText(file));
    }
    else
    {
        File.WriteAllText(file, rsa.ExportRSAPrivateKeyPem());
    }

    return new RsaSecurityKey(rsa);
}

internal sealed record Registration(string Email, string Password);

internal sealed class PeerContext(DbContextOptions<PeerContext> options) : IdentityDbContext<IdentityUser>(options);
