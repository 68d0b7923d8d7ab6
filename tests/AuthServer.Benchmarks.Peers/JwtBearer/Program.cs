// A private route behind JwtBearer with its default settings.
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var key = new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32));
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAuthorization();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
    options.TokenValidationParameters = new TokenValidationParameters
    {
        ValidIssuer = "peer",
        ValidAudience = "peer",
        IssuerSigningKey = key,
    });

var app = builder.Build();
app.MapGet("/ready", () => "ready");
app.MapPost("/login", (Login body) => new { AccessToken = Issue(body.Username) });
app.MapGet("/me", (ClaimsPrincipal user) => new
{
    Id = user.FindFirstValue(ClaimTypes.NameIdentifier),
    Username = user.FindFirstValue(JwtRegisteredClaimNames.PreferredUsername),
    SessionId = user.FindFirstValue(JwtRegisteredClaimNames.Sid),
}).RequireAuthorization();
await app.RunAsync();

string Issue(string username) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
{
    Issuer = "peer",
    Audience = "peer",
    Expires = DateTime.UtcNow.AddHours(1),
    SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
    Claims = new Dictionary<string, object>
    {
        [JwtRegisteredClaimNames.Sub] = Guid.NewGuid().ToString(),
        [JwtRegisteredClaimNames.PreferredUsername] = username,
        [JwtRegisteredClaimNames.Sid] = Guid.NewGuid().ToString(),
    },
});

internal sealed record Login(string Username, string Password);
