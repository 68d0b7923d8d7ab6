namespace AuthServer.Core.Tests;

public sealed class MailCodeTests
{
    private static readonly RootKeyRing Root = Some.Roots(1);

    [Fact]
    public void Code_has_eight_digits_and_is_of_one_mail()
    {
        var codes = Enumerable.Range(0, 200).Select(_ => MailCode.Of(Guid.NewGuid(), Root)).ToList();
        Assert.All(codes, code => Assert.True(code.Length == 8 && code.All(char.IsAsciiDigit)));
        Assert.InRange(codes.Distinct().Count(), 199, 200);
    }

    [Fact]
    public void Code_counts_under_each_root_key()
    {
        var mail = Guid.NewGuid();
        var code = MailCode.Of(mail, Root);
        var both = Some.Roots(1, 2);
        Assert.True(MailCode.IsOf(mail, code, both));
        Assert.True(MailCode.IsOf(mail, MailCode.Of(mail, both), both));
        Assert.False(MailCode.IsOf(Guid.NewGuid(), code, both));
        Assert.False(MailCode.IsOf(mail, code[..7], both));
        Assert.False(MailCode.IsOf(mail, "", both));
    }
}
