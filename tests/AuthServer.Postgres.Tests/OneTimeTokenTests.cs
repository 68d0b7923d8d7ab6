using System.Net;
using AuthServer.Core;
using AuthServer.Mail;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Tokens that count once, presented to three nodes at the same time.</summary>
public sealed class OneTimeTokenTests : IAsyncDisposable
{
    private const int Rounds = 10;
    private const int RequestsPerNode = 4;

    /// <summary>Each kind of token by its name.</summary>
    private static readonly Dictionary<string, OneTimeToken> Kinds = new()
    {
        ["confirm"] = new(ConfirmationAsync, "/email/confirm", t => new { token = t }, EventKind.EmailChanged, "link_invalid"),
        ["reset"] = new(ResetLinkAsync, "/password/reset", NewPasswordBy, EventKind.PasswordReset, "link_invalid"),
        ["login"] = new(LoginLinkAsync, "/login/link/confirm", t => new { token = t }, EventKind.Login, "link_invalid"),
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

    /// <summary>The names of all kinds.</summary>
    public static TheoryData<string> Names => [.. Kinds.Keys];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Token_presented_to_all_nodes_concurrently_counts_once(string kind)
    {
        var (makeAsync, path, bodyOf, counted, refusal) = Kinds[kind];
        for (var round = 0; round < Rounds; round++)
        {
            var username = $"user{round}";
            var token = await makeAsync(new Maker(nodes[round % 3].CreateClient(), mailbox, username));
            var requests = Enumerable.Range(0, 3 * RequestsPerNode)
                .Select(request => nodes[request % 3].CreateClient().PostAsync(path, bodyOf(token)));
            var answers = await Task.WhenAll(requests);
            Assert.Single(answers, answer => answer.IsSuccessStatusCode);
            foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
            {
                await refused.ShouldBeProblemAsync(400, refusal);
            }

            Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Events.CountAsync(
                e => e.Kind == counted && db.Users.Any(u => u.Id == e.UserId && u.Username == username), Ct)));
        }
    }

    private static object NewPasswordBy(string token) => new { token, newPassword = "analytical engine number two" };

    private static async Task<string> ConfirmationAsync(Maker maker)
    {
        var (username, password) = (maker.Username, AuthServerApp.Password);
        var answer = await maker.Http.PostAsync("/register", new { username, password, email = $"{username}@example.org" });
        answer.ShouldBe(HttpStatusCode.Created);
        return await maker.TokenAsync("Confirm your e-mail address");
    }

    private static Task<string> ResetLinkAsync(Maker maker) => LinkAsync(maker, "/password/forgot", "Set a new password");

    private static Task<string> LoginLinkAsync(Maker maker) => LinkAsync(maker, "/login/link", "Your login link");

    private static async Task<string> LinkAsync(Maker maker, string path, string subject)
    {
        var token = await ConfirmationAsync(maker);
        (await maker.Http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        (await maker.Http.PostAsync(path, new { username = maker.Username })).ShouldBe(HttpStatusCode.Accepted);
        return await maker.TokenAsync(subject);
    }

    /// <summary>Source of a token of an account.</summary>
    private sealed record Maker(HttpClient Http, Mailbox Mailbox, string Username)
    {
        /// <summary>The token of the next mail with this subject. Notices of rounds before may come first.</summary>
        public async Task<string> TokenAsync(string subject) => Mailbox.TokenOf(await Mailbox.FindAsync(subject));
    }

    /// <summary>A kind of token.</summary>
    /// <param name="MakeAsync">Makes a token of a new account.</param>
    /// <param name="Path">The route that takes it.</param>
    /// <param name="BodyOf">The body of the request.</param>
    /// <param name="Counted">The event that is recorded for each one that counts.</param>
    /// <param name="Refusal">The error code of a used one.</param>
    private sealed record OneTimeToken(
        Func<Maker, Task<string>> MakeAsync, string Path, Func<string, object> BodyOf, EventKind Counted, string Refusal);
}
