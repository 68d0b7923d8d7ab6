namespace AuthServer.Storage.Postgres;

/// <summary>The clock of this machine, for comparison with the database's.</summary>
internal class MachineClock
{
    public virtual DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
