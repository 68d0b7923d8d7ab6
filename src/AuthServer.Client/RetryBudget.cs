namespace AuthServer.Client;

/// <summary>
/// Period in which attempts may begin for one caller, counted from the construction. It bounds the moments at which requests are
/// sent, not how long an answer takes.
/// </summary>
/// <param name="clock">Measures by its timestamps; the time of day is not used.</param>
/// <param name="length">Length of the period; its last moment belongs to it.</param>
internal readonly struct RetryBudget(TimeProvider clock, TimeSpan length)
{
    private readonly long began = clock.GetTimestamp();

    /// <summary>True if an attempt may begin after a wait that starts now.</summary>
    public bool Allows(TimeSpan wait) => clock.GetElapsedTime(began) + wait <= length;
}
