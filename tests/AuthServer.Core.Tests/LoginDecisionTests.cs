namespace AuthServer.Core.Tests;

public sealed class LoginDecisionTests
{
    private static readonly Guid Stamp = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private static readonly AuthenticationProof Proof = new(Guid.NewGuid(), AuthenticationMethods.Password, Some.Login, Stamp);

    [Fact]
    public void Proof_with_stamp_of_account_opens_session() =>
        Assert.Equal(new OpenSession(), LoginDecision.Decide(Proof, Stamp, disabled: false));

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("11111111-2222-3333-4444-555555555556")]
    public void Proof_with_other_stamp_is_void(string stamp) =>
        Assert.Equal(new ProveAgain(), LoginDecision.Decide(Proof, Guid.Parse(stamp), disabled: false));

    [Theory]
    [InlineData("11111111-2222-3333-4444-555555555555")]
    [InlineData("11111111-2222-3333-4444-555555555556")]
    public void Proof_of_disabled_account_is_refused_like_wrong_password(string stamp) =>
        Assert.Equal(
            new RefuseLogin(ErrorCode.InvalidCredentials), LoginDecision.Decide(Proof, Guid.Parse(stamp), disabled: true));
}
