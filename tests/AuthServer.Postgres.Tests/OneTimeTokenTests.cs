using System.Net;
using System.Text.Json.Nodes;
using AuthServer.Core;
using AuthServer.Mail;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Tokens, codes and proofs that count once, presented to three nodes at the same time.</summary>
public sealed class OneTimeTokenTests : IAsyncDisposable
{
    private const int Rounds = 3;
    private const int Requests = 9;

    /// <summary>Each kind by its name.</summary>
    private static readonly Dictionary<string, OneTimeToken> Kinds = new()
    {
        // Both change the security stamp, which the link names. Only that holds them: neither uses its mail up.
        ["confirm"] = new(ConfirmAsync, EventKind.EmailChanged, 400, "link_invalid"),
        ["reset"] = new(ResetAsync, EventKind.PasswordReset, 400, "link_invalid"),

        // A login changes no stamp. For each of the rest, one use in the transaction of the login or proof is what holds it.
        ["link"] = new(LinkAsync, EventKind.Login, 400, "link_invalid"),
        ["link with second factor"] = new(LinkWithFactorAsync, EventKind.Login, 400, "link_invalid"),
        ["challenge"] = new(ChallengeAsync, EventKind.Login, 401, "second_factor_invalid"),
        ["TOTP code"] = new(TotpAsync, EventKind.Login, 401, "second_factor_invalid"),
        ["recovery code"] = new(RecoveryCodeAsync, EventKind.Login, 401, "second_factor_invalid"),
        ["passkey state"] = new(PasskeyStateAsync, EventKind.Login, 401, "invalid_credentials"),
        ["passkey counter"] = new(PasskeyCounterAsync, EventKind.Login, 401, "invalid_credentials"),
        ["passkey state of proof"] = new(PasskeyProofAsync, EventKind.Reauthenticated, 401, "invalid_credentials"),
        ["TOTP code of proof"] = new(TotpProofAsync, EventKind.Reauthenticated, 401, "second_factor_invalid"),
        ["mail code of proof"] = new(MailCodeAsync, EventKind.Reauthenticated, 401, "invalid_credentials"),
    };

    private readonly Mailbox mailbox = new();
    private readonly Nodes nodes = new(0);

    public OneTimeTokenTests()
    {
        for (var node = 0; node < 3; node++)
        {
            nodes.Add(services => services.AddSingleton<IMailTransport>(mailbox), ("Accounts:LoginByMail", "true"));
        }
    }

    /// <summary>Presents a token, given the number of the request and a client of a node.</summary>
    private delegate Task<HttpResponseMessage> Presentation(int request, HttpClient http);

    /// <summary>The names of all kinds.</summary>
    public static TheoryData<string> Names => [.. Kinds.Keys];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Token_presented_to_all_nodes_concurrently_counts_once(string kind)
    {
        var (prepareAsync, counted, status, refusal) = Kinds[kind];
        for (var round = 0; round < Rounds; round++)
        {
            var username = $"user{round}";
            var presentAsync = await prepareAsync(new Maker(nodes[round % 3], mailbox, username));
            var before = await CountAsync(counted, username);

            // Every request has read that the token is unused before the first one uses it.
            await using var held = await AccountLock.TakeAsync(nodes, username);
            var requests = Enumerable.Range(0, Requests)
                .Select(request => presentAsync(request, nodes[request % 3].CreateClient())).ToList();
            await held.HasWaitersAsync(Requests);
            await held.ReleaseAsync();
            var answers = await Task.WhenAll(requests);
            Assert.Single(answers, answer => answer.IsSuccessStatusCode);
            foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
            {
                await refused.ShouldBeProblemAsync(status, refusal);
            }

            Assert.Equal(before + 1, await CountAsync(counted, username));
        }
    }

    private Task<int> CountAsync(EventKind kind, string username) => nodes[0].InDatabaseAsync(db => db.Events.CountAsync(
        e => e.Kind == kind && db.Users.Any(u => u.Id == e.UserId && u.Username == username), Ct));

    private static async Task<Presentation> ConfirmAsync(Maker maker)
    {
        var token = await maker.RegisterAsync();
        return (_, http) => http.PostAsync("/email/confirm", new { token });
    }

    private static async Task<Presentation> ResetAsync(Maker maker)
    {
        await maker.VerifyAsync();
        var token = await maker.LinkAsync("/password/forgot", "Set a new password");
        return (_, http) => http.PostAsync("/password/reset", new { token, newPassword = "analytical engine number two" });
    }

    private static async Task<Presentation> LinkAsync(Maker maker)
    {
        await maker.VerifyAsync();
        var token = await maker.LinkAsync("/login/link", "Your login link");
        return (_, http) => http.PostAsync("/login/link/confirm", new { token });
    }

    // Each login by the link has a challenge and a code of its own.
    private static async Task<Presentation> LinkWithFactorAsync(Maker maker)
    {
        await maker.VerifyAsync();
        var authenticator = await maker.SetUpAsync();
        var token = await maker.LinkAsync("/login/link", "Your login link");
        var challenges = new List<string>();
        while (challenges.Count < Requests)
        {
            var first = await maker.Http.PostAsync("/login/link/confirm", new { token });
            var problem = await first.ShouldBeProblemAsync(401, "second_factor_required");
            challenges.Add(problem.GetProperty("challenge").GetString()!);
        }

        return (request, http) => Authenticator.CompleteAsync(
            http, challenges[request], authenticator.RecoveryCodes[request]);
    }

    private static async Task<Presentation> ChallengeAsync(Maker maker)
    {
        var authenticator = await maker.SetUpAsync();
        var challenge = (await maker.ChallengesAsync(1))[0];
        return (request, http) => Authenticator.CompleteAsync(http, challenge, authenticator.RecoveryCodes[request]);
    }

    private static async Task<Presentation> TotpAsync(Maker maker)
    {
        var authenticator = await maker.SetUpAsync();
        var challenges = await maker.ChallengesAsync(Requests);
        return (request, http) => Authenticator.CompleteAsync(http, challenges[request], authenticator.Code(1));
    }

    private static async Task<Presentation> RecoveryCodeAsync(Maker maker)
    {
        var authenticator = await maker.SetUpAsync();
        var challenges = await maker.ChallengesAsync(Requests);
        return (request, http) => Authenticator.CompleteAsync(http, challenges[request], authenticator.RecoveryCodes[0]);
    }

    private static async Task<Presentation> PasskeyStateAsync(Maker maker)
    {
        using var authenticator = new SoftwareAuthenticator();
        await (await maker.LogInAsync()).AddAsync(authenticator);
        var begun = await maker.Http.LoginOptionsAsync();
        var credential = authenticator.Prove(begun.Options).ToJsonString();
        return (_, http) => http.LogInAsync(begun.State, JsonNode.Parse(credential));
    }

    // Each proof has a state of its own, and all have the same counter, as from copies of one authenticator.
    private static async Task<Presentation> PasskeyCounterAsync(Maker maker)
    {
        using var authenticator = new SoftwareAuthenticator { Counts = true };
        await (await maker.LogInAsync()).AddAsync(authenticator);
        var proofs = new List<(string State, string Credential)>();
        while (proofs.Count < Requests)
        {
            var begun = await maker.Http.LoginOptionsAsync();
            authenticator.SignCount = 6;
            proofs.Add((begun.State, authenticator.Prove(begun.Options).ToJsonString()));
        }

        return (request, http) => http.LogInAsync(proofs[request].State, JsonNode.Parse(proofs[request].Credential));
    }

    private static async Task<Presentation> PasskeyProofAsync(Maker maker)
    {
        using var authenticator = new SoftwareAuthenticator();
        var device = await maker.LogInAsync();
        await device.AddAsync(authenticator);
        var begun = await PasskeyOptionsAnswer.OfAsync(await device.SendAsync(HttpMethod.Post, "/reauthenticate/options"));
        var credential = authenticator.Prove(begun.Options).ToJsonString();
        return (_, http) => ProveAsync(http, device, new { begun.State, credential = JsonNode.Parse(credential) });
    }

    private static async Task<Presentation> TotpProofAsync(Maker maker)
    {
        var device = await maker.LogInAsync();
        var authenticator = await Authenticator.SetUpAsync(maker.Node, device);
        return (_, http) => ProveAsync(http, device, new { AuthServerApp.Password, code = authenticator.Code(1) });
    }

    private static async Task<Presentation> MailCodeAsync(Maker maker)
    {
        await maker.VerifyAsync();
        var device = await maker.LogInAsync();
        await maker.Node.InDatabaseAsync(db => db.Users.Where(user => user.Username == maker.Username).ExecuteUpdateAsync(
            set => set.SetProperty(user => user.PasswordHash, UserRow.NoPassword), Ct));
        (await device.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        var mailCode = Mailbox.CodeOf(await maker.Mailbox.FindAsync("Your confirmation code"));
        return (_, http) => ProveAsync(http, device, new { mailCode });
    }

    private static Task<HttpResponseMessage> ProveAsync(HttpClient http, LoggedInDevice device, object proof) =>
        new LoggedInDevice(http, device.Pair).SendAsync(HttpMethod.Post, "/reauthenticate", proof);

    /// <summary>Makes a new account, and what its tokens are made of.</summary>
    private sealed record Maker(AuthServerApp Node, Mailbox Mailbox, string Username)
    {
        public HttpClient Http { get; } = Node.CreateClient();

        /// <summary>Registers the account with an address, and returns the token by which it is confirmed.</summary>
        public async Task<string> RegisterAsync()
        {
            var answer = await Http.PostAsync(
                "/register", new { Username, AuthServerApp.Password, email = $"{Username}@example.org" });
            answer.ShouldBe(HttpStatusCode.Created);
            return await TokenAsync("Confirm your email address");
        }

        /// <summary>Registers the account with a verified address.</summary>
        public async Task VerifyAsync() =>
            (await Http.PostAsync("/email/confirm", new { token = await RegisterAsync() })).ShouldBe(HttpStatusCode.NoContent);

        /// <summary>Asks for a mail with a link, and returns its token.</summary>
        public async Task<string> LinkAsync(string path, string subject)
        {
            (await Http.PostAsync(path, new { Username })).ShouldBe(HttpStatusCode.Accepted);
            return await TokenAsync(subject);
        }

        /// <summary>Logs in by the password, before the account has a second factor.</summary>
        public Task<LoggedInDevice> LogInAsync() => Node.LogInAsync(Username);

        /// <summary>Sets an authenticator app up.</summary>
        public async Task<Authenticator> SetUpAsync() => await Authenticator.SetUpAsync(Node, await LogInAsync());

        /// <summary>Makes the first step of this many logins.</summary>
        public async Task<IReadOnlyList<string>> ChallengesAsync(int count) => await Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => Authenticator.ChallengeAsync(Http, Username)));

        // Notices of rounds before may come first.
        private async Task<string> TokenAsync(string subject) => Mailbox.TokenOf(await Mailbox.FindAsync(subject));
    }

    /// <summary>A kind of token.</summary>
    /// <param name="PrepareAsync">Makes a token of a new account.</param>
    /// <param name="Counted">The event that is recorded for each one that counts.</param>
    /// <param name="Status">The status of the refusal of a used one.</param>
    /// <param name="Refusal">Its error code.</param>
    private sealed record OneTimeToken(
        Func<Maker, Task<Presentation>> PrepareAsync, EventKind Counted, int Status, string Refusal);
}
