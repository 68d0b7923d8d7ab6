namespace AuthServer.Core.Tests;

public sealed class LoginDecisionTests
{
    private static readonly Guid Stamp = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private static readonly AuthenticationProof Proof = new(Guid.NewGuid(), AuthenticationMethods.Password, Some.Login, Stamp);

    [Fact]
    public void Proof_with_stamp_of_account_opens_session() => Assert.Equal(new OpenSession(), Decide(Stamp));

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("11111111-2222-3333-4444-555555555556")]
    public void Proof_with_other_stamp_is_void(string stamp)
    {
        Assert.Equal(new ProveAgain(), Decide(Guid.Parse(stamp)));
        Assert.Equal(new ProveAgain(), Decide(Guid.Parse(stamp), requiresVerifiedEmail: true));
    }

    [Theory]
    [InlineData("11111111-2222-3333-4444-555555555555")]
    [InlineData("11111111-2222-3333-4444-555555555556")]
    public void Proof_of_disabled_account_is_refused_like_wrong_password(string stamp) => Assert.Equal(
        new RefuseLogin(ErrorCode.InvalidCredentials),
        Decide(Guid.Parse(stamp), disabled: true, requiresVerifiedEmail: true));

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public void Address_has_to_be_verified_if_policy_requires_it(bool isRequired, bool isVerified, bool opens) => Assert.Equal(
        opens ? new OpenSession() : new RefuseLogin(ErrorCode.EmailUnverified),
        Decide(Stamp, hasVerifiedEmail: isVerified, requiresVerifiedEmail: isRequired));

    [Theory]
    [InlineData(FactorKinds.None, ErrorCode.SecondFactorSetupRequired)]
    [InlineData(FactorKinds.RecoveryCode, ErrorCode.SecondFactorSetupRequired)]
    [InlineData(FactorKinds.Totp, ErrorCode.SecondFactorRequired)]
    [InlineData(FactorKinds.Passkey | FactorKinds.RecoveryCode, ErrorCode.SecondFactorRequired)]
    public void Required_factor_is_asked_for_or_set_up(FactorKinds factors, ErrorCode code)
    {
        var account = new LoginAccount(Stamp, Disabled: false, RequiresSecondFactor: true, Factors: factors);
        Assert.Equal(new RefuseLogin(code), LoginDecision.Decide(Proof, account, new()));
        var complete = Proof with { Methods = Proof.Methods | AuthenticationMethods.MultiFactor };
        Assert.Equal(new OpenSession(), LoginDecision.Decide(complete, account, new()));
        Assert.Equal(new OpenSession(), LoginDecision.Decide(Proof, account with { RequiresSecondFactor = false }, new()));
    }

    [Fact]
    public void Factor_is_not_asked_for_before_other_reasons_to_refuse()
    {
        var account = new LoginAccount(Stamp, Disabled: true, RequiresSecondFactor: true, Factors: FactorKinds.Totp);
        var policy = new LoginPolicy { RequiresVerifiedEmail = true };
        Assert.Equal(new RefuseLogin(ErrorCode.InvalidCredentials), LoginDecision.Decide(Proof, account, policy));
        Assert.Equal(
            new RefuseLogin(ErrorCode.EmailUnverified), LoginDecision.Decide(Proof, account with { Disabled = false }, policy));
        Assert.Equal(
            new ProveAgain(),
            LoginDecision.Decide(Proof, account with { Disabled = false, SecurityStamp = Guid.NewGuid() }, new()));
    }

    [Fact]
    public void One_of_several_roles_requires_factor()
    {
        var policy = new LoginPolicy { SecondFactorRoles = ["admin", "auditor"] };
        Assert.True(policy.RequiresSecondFactor(["editor", "auditor"]));
        Assert.False(policy.RequiresSecondFactor(["editor"]));
        Assert.False(new LoginPolicy().RequiresSecondFactor(["admin"]));
    }

    private static LoginDecision Decide(
        Guid stamp, bool disabled = false, bool hasVerifiedEmail = false, bool requiresVerifiedEmail = false) =>
        LoginDecision.Decide(
            Proof,
            new LoginAccount(stamp, disabled, hasVerifiedEmail),
            new LoginPolicy { RequiresVerifiedEmail = requiresVerifiedEmail });
}
