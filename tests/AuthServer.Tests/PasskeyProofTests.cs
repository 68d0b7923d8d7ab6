using System.Text.Json;
using System.Text.Json.Nodes;
using AuthServer.Core;
using AuthServer.Passkeys;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Proofs by passkeys for any purpose, and their use in a transaction.</summary>
public sealed class PasskeyProofTests : IAsyncDisposable
{
    private static readonly ClientInfo Client = new("192.0.2.1", "test");

    private readonly AuthServerApp app = new();
    private readonly SoftwareAuthenticator authenticator = new() { Counts = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PasskeyProofService Proofs => app.Get<PasskeyProofService>();

    public ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        return app.DisposeAsync();
    }

    [Theory]
    [InlineData(PasskeyPurpose.SecondFactor)]
    [InlineData(PasskeyPurpose.FreshProof)]
    public async Task Proof_of_user_is_used_once(PasskeyPurpose purpose)
    {
        var (userId, passkeyId) = await RegisterAsync();
        var binding = new PasskeyBinding(purpose, userId, Guid.NewGuid());
        var begun = (await Proofs.BeginAsync(binding, Ct)).Value;
        Assert.Single(begun.Options.GetProperty("allowCredentials").EnumerateArray());
        var use = (await Proofs.VerifyAsync(AnswerOf(begun), binding, Ct)).Value;
        Assert.Equal((passkeyId, userId, 1u), (use.PasskeyId, use.UserId, use.SignCount));
        Assert.Equal(AuthenticationMethods.HardwareKey | AuthenticationMethods.MultiFactor, use.Methods);
        Assert.True(await TryUseAsync(use));
        Assert.False(await TryUseAsync(use));
    }

    [Fact]
    public async Task State_counts_for_its_binding_alone()
    {
        var (userId, _) = await RegisterAsync();
        PasskeyBinding[] bindings =
        [
            PasskeyBinding.LogIn,
            new(PasskeyPurpose.SecondFactor, userId, Guid.NewGuid()),
            new(PasskeyPurpose.SecondFactor, userId, Guid.NewGuid()),
            new(PasskeyPurpose.FreshProof, userId, Guid.NewGuid()),
        ];
        foreach (var binding in bindings)
        {
            var answer = AnswerOf((await Proofs.BeginAsync(binding, Ct)).Value);
            foreach (var other in bindings.Where(one => one != binding))
            {
                Assert.Equal(ErrorCode.InvalidCredentials, (await Proofs.VerifyAsync(answer, other, Ct)).Refusal?.Code);
            }

            Assert.Null((await Proofs.VerifyAsync(answer, binding, Ct)).Refusal);
        }
    }

    [Fact]
    public async Task Passkey_of_another_user_proves_nothing()
    {
        await RegisterAsync();
        await app.LogInAsync("mallory");
        var mallory = await app.InDatabaseAsync(db => db.Users.SingleAsync(u => u.Username == "mallory", Ct));
        var binding = new PasskeyBinding(PasskeyPurpose.FreshProof, mallory.Id, Guid.NewGuid());
        var begun = (await Proofs.BeginAsync(binding, Ct)).Value;
        Assert.Empty(begun.Options.GetProperty("allowCredentials").EnumerateArray());
        var refused = await Proofs.VerifyAsync(AnswerOf(begun), binding, Ct);
        Assert.Equal(ErrorCode.InvalidCredentials, refused.Refusal?.Code);
    }

    [Fact]
    public async Task Use_of_removed_passkey_or_of_older_counter_is_refused()
    {
        var (userId, passkeyId) = await RegisterAsync();
        var older = await VerifyAsync(userId);
        var newer = await VerifyAsync(userId);
        var last = await VerifyAsync(userId);
        Assert.True(await TryUseAsync(newer));
        Assert.False(await TryUseAsync(older));
        await app.InDatabaseAsync(db => db.Passkeys.Where(p => p.Id == passkeyId).ExecuteDeleteAsync(Ct));
        Assert.False(await TryUseAsync(last));
    }

    [Fact]
    public async Task Unknown_user_begins_no_proof()
    {
        var begun = await Proofs.BeginAsync(new(PasskeyPurpose.FreshProof, Guid.NewGuid(), Guid.NewGuid()), Ct);
        Assert.Equal(ErrorCode.InvalidCredentials, begun.Refusal?.Code);
    }

    private async Task<(Guid UserId, Guid PasskeyId)> RegisterAsync()
    {
        var ada = await app.LogInAsync("ada");
        var id = await ada.AddAsync(authenticator);
        return (await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync(Ct)), id);
    }

    private async Task<PasskeyUse> VerifyAsync(Guid userId)
    {
        var binding = new PasskeyBinding(PasskeyPurpose.FreshProof, userId, Guid.NewGuid());
        return (await Proofs.VerifyAsync(AnswerOf((await Proofs.BeginAsync(binding, Ct)).Value), binding, Ct)).Value;
    }

    private PasskeyAnswer AnswerOf(PasskeyChallenge begun)
    {
        JsonNode credential = authenticator.Prove(begun.Options);
        return new(begun.State, JsonSerializer.SerializeToElement(credential), Client);
    }

    private Task<bool> TryUseAsync(PasskeyUse use) => app.Get<TransactionRunner>().RunAsync(
        (transaction, token) => transaction.TryUsePasskeyAsync(use, token), Ct);
}
