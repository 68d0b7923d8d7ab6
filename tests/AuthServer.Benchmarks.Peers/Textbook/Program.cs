// The auth server of tutorials: one row per refresh token. A refresh finds the row, revokes it, inserts the next and saves both.
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Peers;
using Peers.Textbook;
using static BCrypt.Net.BCrypt;

var key = new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32));
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var workFactor = builder.Configuration.GetValue("WorkFactor", 11);
var database = builder.Configuration.GetConnectionString("Peer");
builder.Services.AddDbContext<TextbookContext>(options =>
    _ = builder.Configuration["Provider"] == "postgres" ? options.UseNpgsql(database) : options.UseSqlite(database));
builder.Services.AddAuthorization();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
    options.TokenValidationParameters = new TokenValidationParameters
    {
        ValidIssuer = "peer",
        ValidAudience = "peer",
        IssuerSigningKey = key,
    });

var app = builder.Build();
await app.PrepareDatabaseAsync<TextbookContext>();
app.MapGet("/ready", () => "ready");
app.MapPost("/register", async (Credentials body, TextbookContext db) =>
{
    db.Users.Add(new User { Username = body.Username, PasswordHash = EnhancedHashPassword(body.Password, workFactor) });
    await db.SaveChangesAsync();
    return Results.Created();
});
app.MapPost("/login", async (Credentials body, TextbookContext db) =>
{
    var user = await db.Users.SingleOrDefaultAsync(u => u.Username == body.Username);
    return user is not null && EnhancedVerify(body.Password, user.PasswordHash)
        ? await GrantAsync(user, db)
        : Results.Unauthorized();
});
app.MapPost("/refresh", async (Presented body, TextbookContext db) =>
{
    var old = await db.RefreshTokens.Include(t => t.User).SingleOrDefaultAsync(t => t.Token == body.RefreshToken);
    if (old is null || old.RevokedAt is not null || old.ExpiresAt <= DateTime.UtcNow)
    {
        return Results.Unauthorized();
    }

    old.RevokedAt = DateTime.UtcNow;
    return await GrantAsync(old.User, db);
});
app.MapGet("/me", (ClaimsPrincipal user) => new
{
    Id = user.FindFirstValue(ClaimTypes.NameIdentifier),
    Username = user.FindFirstValue(JwtRegisteredClaimNames.PreferredUsername),
}).RequireAuthorization();
await app.RunAsync();

async Task<IResult> GrantAsync(User user, TextbookContext db)
{
    var now = DateTime.UtcNow;
    var next = new RefreshToken
    {
        Token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)),
        User = user,
        CreatedAt = now,
        ExpiresAt = now.AddDays(14),
    };
    db.RefreshTokens.Add(next);
    await db.SaveChangesAsync();
    return Results.Ok(new { AccessToken = Issue(user, now), RefreshToken = next.Token });
}

string Issue(User user, DateTime now) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
{
    Issuer = "peer",
    Audience = "peer",
    IssuedAt = now,
    Expires = now.AddMinutes(15),
    SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
    Claims = new Dictionary<string, object>
    {
        [JwtRegisteredClaimNames.Sub] = user.Id.ToString(),
        [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString(),
        [JwtRegisteredClaimNames.PreferredUsername] = user.Username,
    },
});
