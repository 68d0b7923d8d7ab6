namespace AuthServer.Core.Tests;

public sealed class SecondFactorChallengeTests
{
    private static readonly RootKeyRing Root = Some.Roots(1);
    private static readonly byte[] Nonce = new byte[SealedValue.NonceLength];
    private static readonly DateTimeOffset End = Some.Login + SecondFactorChallenge.Lifetime;

    private static readonly SecondFactorChallenge Challenge = new(
        ChallengePurpose.LogIn,
        Guid.NewGuid(),
        Guid.NewGuid(),
        Guid.NewGuid(),
        AuthenticationMethods.Mail,
        Guid.NewGuid(),
        "기기 이름이 아주 길어도 됩니다, 예순네 글자까지는 그대로 남습니다. 기기 이름이 아주 길어도 됩니다",
        End);

    [Fact]
    public void Challenge_comes_back_as_it_was()
    {
        Assert.Equal(Challenge, Open(Challenge.Seal(Nonce, Root)));
        var bare = Challenge with { MailId = null, DeviceName = null };
        Assert.Equal(bare, Open(bare.Seal(Nonce, Root)));
    }

    [Fact]
    public void Challenge_is_over_at_its_end_and_of_one_purpose()
    {
        var text = Challenge.Seal(Nonce, Root);
        Assert.NotNull(SecondFactorChallenge.Open(text, ChallengePurpose.LogIn, Root, End - TimeSpan.FromMilliseconds(1)));
        Assert.Null(SecondFactorChallenge.Open(text, ChallengePurpose.LogIn, Root, End));
        Assert.Null(SecondFactorChallenge.Open(text, ChallengePurpose.SetUp, Root, Some.Login));
    }

    [Fact]
    public void Text_that_was_changed_is_none()
    {
        var text = Challenge.Seal(Nonce, Root);
        Assert.All(
            Enumerable.Range(0, text.Length),
            at => Assert.Null(Open(text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..])));
        Assert.Null(Open(text + "="));
        Assert.Null(Open(""));
        Assert.Null(Open(new string('A', 10_000)));
    }

    private static SecondFactorChallenge? Open(string text) =>
        SecondFactorChallenge.Open(text, ChallengePurpose.LogIn, Root, Some.Login);
}
