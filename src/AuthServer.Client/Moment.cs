namespace AuthServer.Client;

/// <summary>A moment by both clocks of a device. One may stand still while it is suspended, and the other can be set.</summary>
/// <param name="Timestamp">The timestamp of the steady clock.</param>
/// <param name="TimeOfDay">The time of day.</param>
internal readonly record struct Moment(long Timestamp, DateTimeOffset TimeOfDay)
{
    // The time of day is set by small steps all the time.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    public static Moment Now(TimeProvider clock)
    {
        var timeOfDay = clock.GetUtcNow();
        return new Moment(clock.GetTimestamp(), timeOfDay);
    }

    /// <summary>
    /// Time since this moment, by the clock that has gone further. Null if the time of day was set back, because then a suspend
    /// would go unnoticed.
    /// </summary>
    public TimeSpan? ElapsedOn(TimeProvider clock)
    {
        var ofDay = clock.GetUtcNow() - TimeOfDay;
        var steady = clock.GetElapsedTime(Timestamp);
        return ofDay < steady - Tolerance ? null : ofDay > steady ? ofDay : steady;
    }
}
