using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AuthServer.Storage;

/// <summary>The one model. Each provider has a thin context over it, because EF Core keeps migrations by context.</summary>
internal abstract class AuthDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<UserRow> Users => Set<UserRow>();

    /// <summary>Sessions, to read. <see cref="ISessionSql"/> writes them.</summary>
    public IQueryable<SessionRow> Sessions => Set<SessionRow>().AsNoTracking();

    /// <summary>Events, to read. <see cref="ISessionSql"/> writes them.</summary>
    public IQueryable<EventRow> Events => Set<EventRow>().AsNoTracking();

    public DbSet<FailureCountRow> FailureCounts => Set<FailureCountRow>();

    public DbSet<RootKeyRow> RootKeys => Set<RootKeyRow>();

    public DbSet<AccessKeyRow> AccessKeys => Set<AccessKeyRow>();

    public DbSet<ExternalIdentityRow> ExternalIdentities => Set<ExternalIdentityRow>();

    public DbSet<MailRow> Mails => Set<MailRow>();

    public DbSet<SpentTokenRow> SpentTokens => Set<SpentTokenRow>();

    public DbSet<TotpRow> Totps => Set<TotpRow>();

    public DbSet<RecoveryCodeRow> RecoveryCodes => Set<RecoveryCodeRow>();

    public DbSet<PasskeyRow> Passkeys => Set<PasskeyRow>();

    public DbSet<ReservedNameRow> ReservedNames => Set<ReservedNameRow>();

    public DbSet<ResourceServerRow> ResourceServers => Set<ResourceServerRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AuthDbContext).Assembly);

        // Names that need no quotes in either database.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    /// <summary>Moments as Unix milliseconds, which every database can order.</summary>
    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        moment => moment.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
