namespace AuthServer.Core.Tests;

public sealed class RecoveryCodeTests
{
    [Theory]
    [InlineData("00000000000000000000", "0000-0000-0000-0000")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF", "ZZZZ-ZZZZ-ZZZZ-ZZZZ")]
    [InlineData("00443214C74254B635CF", "0123-4567-89AB-CDEF")]
    [InlineData("80000000000000000001", "G000-0000-0000-0001")]
    public void Code_has_all_bits_of_its_secret(string secret, string code) =>
        Assert.Equal(code, RecoveryCode.Write(Convert.FromHexString(secret)));

    [Theory]
    [InlineData("0123-4567-89AB-CDEF", "0123456789ABCDEF")]
    [InlineData(" ol23 4567 89ab cdef ", "0123456789ABCDEF")]
    [InlineData("Oi234567-89AB-CDEF", "0123456789ABCDEF")]
    [InlineData("0123-4567-89AB-CDE", null)]
    [InlineData("0123-4567-89AB-CDEF0", null)]
    [InlineData("0123-4567-89AB-CDEU", null)]
    [InlineData("123456", null)]
    [InlineData("", null)]
    public void Code_is_read_as_people_type_it(string text, string? code) => Assert.Equal(code, RecoveryCode.Parse(text));

    [Fact]
    public void Hash_is_of_one_account() => Assert.NotEqual(
        RecoveryCode.HashOf("0123456789ABCDEF", Guid.Empty), RecoveryCode.HashOf("0123456789ABCDEF", Some.Session));
}
