using System.Net;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Registering a name that is taken, which has to cost as much as a free one.</summary>
public sealed class TakenNameTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Password = AuthServerApp.Password;

    [Fact]
    public async Task Register_answers_weakness_of_password_for_taken_and_free_names_alike()
    {
        var http = shared.App.CreateClient();
        (await http.PostAsync("/register", new { username = "taken", password = Password })).ShouldBe(HttpStatusCode.Created);
        foreach (var password in new[] { "short", "password", "qwertyuiop" })
        {
            var taken = await http.PostAsync("/register", new { username = "taken", password });
            var free = await http.PostAsync("/register", new { username = "free", password });
            await taken.ShouldBeInvalidAsync("password");
            await free.ShouldBeInvalidAsync("password");
        }
    }

    [Fact]
    public async Task Register_of_taken_name_looks_it_up_after_password_is_hashed()
    {
        var queries = new DatabaseProbe();
        await using var app = new AuthServerApp(queries.AddTo);
        var http = app.CreateClient();
        await http.PostAsync("/register", new { username = "taken", password = Password });

        // The refusals are events, which would be written in between.
        await app.CountEventsAsync();
        var before = queries.Count;
        await http.PostAsync("/register", new { username = "taken", password = "qwertyuiop" });
        Assert.Equal(before, queries.Count);
        var taken = await http.PostAsync("/register", new { username = "taken", password = Password });
        await taken.ShouldBeProblemAsync(409, "username_taken");
        Assert.True(queries.Count > before);
    }
}
