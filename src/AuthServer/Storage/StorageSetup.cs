using AuthServer.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage;

internal static class StorageSetup
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddValidatedOptions<DataOptions>("Data")
            .Validate(o => !string.IsNullOrWhiteSpace(o.Directory), "Data:Directory is empty; name a folder, or leave it out.");
        services.AddValidatedOptions<StorageOptions>("Storage")
            .Validate(o => o.Provider == "sqlite", "Storage:Provider is unknown; set it to sqlite.");
        services.AddValidatedOptions<EventOptions>("Events")
            .Validate(
                o => o.Retention >= TimeSpan.FromDays(1) && o.Retention <= TimeSpan.FromDays(3660),
                "Events:Retention is out of range; set it from 1.00:00:00 to 3660.00:00:00.");

        services.AddSingleton<SqliteFile>();
        services.AddSingleton<IDatabase, SqliteDatabase>();
        services.AddSingleton<IInterceptor, SqliteConnectionSetup>();
        services.AddPooledDbContextFactory<SqliteAuthDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(provider.GetServices<IInterceptor>()));

        // Neither asks for EF Core before it is called: a start, a refresh and a logout do without, and it takes its time to get ready.
        services.AddSingleton<Func<AuthDbContext>>(provider =>
            () => provider.GetRequiredService<IDbContextFactory<SqliteAuthDbContext>>().CreateDbContext());
        services.AddSingleton<Func<SqliteConnection, AuthDbContext>>(provider => connection => new SqliteAuthDbContext(
            new DbContextOptionsBuilder<SqliteAuthDbContext>(provider.GetRequiredService<DbContextOptions<SqliteAuthDbContext>>())
                .UseSqlite(connection).Options));

        services.AddSingleton<WriteGate>();
        services.AddSingleton<ISessionEndListener, SessionEndCounter>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SessionWriter>().AddHostedService(provider => provider.GetRequiredService<SessionWriter>());
        services.AddSingleton<Sweeper>().AddHostedService(provider => provider.GetRequiredService<Sweeper>());
        services.AddSingleton<DatabaseCheck>();
        return services;
    }
}
