namespace AuthServer.Core.Tests;

public sealed class EndedSessionMemoryTests
{
    [Theory]
    [InlineData(20, 30)]
    [InlineData(2, 12)]
    [InlineData(300, 310)]
    public void Session_is_remembered_for_access_lifetime_and_twice_clock_tolerance(int lifetime, int memory) =>
        Assert.Equal(TimeSpan.FromSeconds(memory), EndedSessionMemory.For(TimeSpan.FromSeconds(lifetime)).Duration);
}
