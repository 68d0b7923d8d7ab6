namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Assertions on a server that refuses to start.</summary>
public static class RefusalAssertions
{
    /// <summary>Asserts the exit code and one sentence on standard error that names the cause.</summary>
    /// <param name="exit">The end of the server.</param>
    /// <param name="named">A text that the sentence must contain, such as the name of a setting.</param>
    /// <returns>The sentence.</returns>
    /// <param name="code">The exit code: 1 for a value, 2 for a name that does not exist.</param>
    public static string ShouldBeRefusal(this ServerExit exit, string named, int code = 1)
    {
        var sentence = Assert.Single(exit.Errors);
        Assert.Contains(named, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        Assert.Equal(code, exit.Code);
        return sentence;
    }
}
