using System.CommandLine;
using AuthServer.Storage;

namespace AuthServer.Commands;

/// <summary>Helps a user who has lost a second factor and the recovery codes.</summary>
internal static class SecondFactorCommand
{
    /// <summary>Creates the verb.</summary>
    /// <param name="name">The user name.</param>
    public static Command Create(Argument<string> name) => new Command(
        "remove-factors", "Removes app, recovery codes and passkeys of an account, and ends all its sessions.") { name }.Does(
        async (parsed, services, ct) =>
        {
            var username = parsed.GetValue(name)!;
            await services.OpenAsync(ct);
            if (await services.FindAccountAsync(username, ct) is not { } account
                || !await services.Get<SecondFactorStore>().RemoveAllAsync(account.Id, ct))
            {
                return Lists.NoAccount(username);
            }

            Console.WriteLine($"The second factors of {username} are removed.");
            return null;
        });
}
