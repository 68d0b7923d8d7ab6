using System.Text;
using AuthServer.Credentials;

namespace AuthServer.Tests;

/// <summary>Codes of authenticator apps, against the vectors of RFC 6238.</summary>
public sealed class TotpCodesTests
{
    // Appendix B, whose codes have eight digits: six are their last ones.
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Vectors_of_rfc_are_right(long seconds, string code)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(seconds / 30, TotpCodes.Verify(Secret, code[2..], now));
        Assert.Null(TotpCodes.Verify(Secret, code, now));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-30_001, false)]
    [InlineData(-30_000, true)]
    [InlineData(59_999, true)]
    [InlineData(60_000, false)]
    public void Window_is_one_step_on_each_side(int milliseconds, bool counts)
    {
        // The code of the step that begins at 1111111110.
        var now = DateTimeOffset.FromUnixTimeSeconds(1111111110).AddMilliseconds(milliseconds);
        Assert.Equal(counts, TotpCodes.Verify(Secret, "050471", now) is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("05047")]
    [InlineData("0504711")]
    [InlineData("٠٥٠٤٧١")]
    [InlineData("05047a")]
    public void Text_that_is_no_code_is_wrong(string code) =>
        Assert.Null(TotpCodes.Verify(Secret, code, DateTimeOffset.FromUnixTimeSeconds(1111111110)));
}
