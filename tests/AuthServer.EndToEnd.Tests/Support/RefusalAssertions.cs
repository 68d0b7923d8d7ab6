namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>What a start that can't be is held to.</summary>
public static class RefusalAssertions
{
    /// <summary>The server ended with 1 and one sentence on standard error, which names what is at fault.</summary>
    /// <returns>The sentence.</returns>
    public static string ShouldBeRefusal(this ServerExit exit, string named)
    {
        var sentence = Assert.Single(exit.Errors);
        Assert.Contains(named, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        Assert.Equal(1, exit.Code);
        return sentence;
    }
}
