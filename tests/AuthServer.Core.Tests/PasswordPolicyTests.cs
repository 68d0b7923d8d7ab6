namespace AuthServer.Core.Tests;

public sealed class PasswordPolicyTests
{
    private static readonly PasswordPolicy Policy = new(MinimumLength: 8);

    [Theory]
    [InlineData(0, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Password_has_8_to_256_characters(int length, bool fits) =>
        Assert.Equal(fits, Policy.ProblemOf(Some.Times(length, "x")) is null);

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(12, 11, false)]
    [InlineData(12, 12, true)]
    [InlineData(256, 255, false)]
    [InlineData(256, 256, true)]
    public void Minimum_is_as_set(int minimum, int length, bool fits) =>
        Assert.Equal(fits, new PasswordPolicy(minimum).ProblemOf(Some.Times(length, "x")) is null);

    [Theory]
    [InlineData("\U0001F600")] // a surrogate pair
    [InlineData("e\u0301")] // one code point when composed
    public void Length_is_counted_in_code_points_of_normal_form(string letter)
    {
        Assert.NotNull(Policy.ProblemOf(Some.Times(7, letter)));
        Assert.Null(Policy.ProblemOf(Some.Times(8, letter)));
        Assert.Null(Policy.ProblemOf(Some.Times(256, letter)));
        Assert.NotNull(Policy.ProblemOf(Some.Times(257, letter)));
    }

    [Fact]
    public void Problem_names_required_length()
    {
        var problem = new PasswordPolicy(12).ProblemOf("short");

        Assert.Contains("12", problem, StringComparison.Ordinal);
        Assert.Contains("256", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aaaaaaaa")]
    [InlineData("12345678")]
    [InlineData("        ")]
    [InlineData("correct horse battery staple")]
    [InlineData("\u043F\u0430\u0440\u043E\u043B\u044C-\u5BC6\u7801")]
    [InlineData("tab\tnull\0bell\u0007")]
    public void Composition_is_never_required(string password) => Assert.Null(Policy.ProblemOf(password));

    [Theory]
    [InlineData("caf\u00E9", "cafe\u0301")]
    [InlineData("\u00C5", "\u212B")] // Angstrom sign
    [InlineData("\uAC00", "\u1100\u1161")] // Hangul
    [InlineData("q\u0307\u0323", "q\u0323\u0307")] // order of marks
    public void Composed_and_decomposed_are_one_password(string one, string other)
    {
        Assert.NotEqual(one, other);
        Assert.Equal(PasswordPolicy.Normalize(one), PasswordPolicy.Normalize(other));
    }

    [Theory]
    [InlineData("Password", "password")]
    [InlineData("password", "password ")]
    [InlineData("\uFB01", "fi")] // NFC keeps a letter that NFKC would fold
    [InlineData("\uFF21", "A")]
    [InlineData("a\0b", "a\0c")]
    public void Passwords_that_differ_beyond_composition_stay_different(string one, string other) =>
        Assert.NotEqual(PasswordPolicy.Normalize(one), PasswordPolicy.Normalize(other));

    [Theory]
    [InlineData("\uFFFE")]
    [InlineData("\uFFFF")]
    [InlineData("\U0010FFFF")]
    public void Noncharacter_never_throws(string character)
    {
        var password = "password" + character;

        Assert.Equal(PasswordPolicy.Normalize(password) is null, Policy.ProblemOf(password) is not null);
    }

    [Fact]
    public void Half_surrogate_pair_is_refused()
    {
        string[] passwords = ["password\uD83D", "\uDE00password", "pass\uDE00\uD83Dword"];

        Assert.All(passwords, password => Assert.Null(PasswordPolicy.Normalize(password)));
        Assert.All(passwords, password => Assert.Equal("Must be Unicode text.", Policy.ProblemOf(password)));
    }
}
