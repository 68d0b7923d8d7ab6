using System.CommandLine;

namespace AuthServer.Commands;

/// <summary>
/// The verbs of the program. Without one it serves. A verb ends with 0 where it did what it says, with 1 where it could not and a sentence on
/// standard error says why, and with 2 where it was not understood.
/// </summary>
internal static class CommandLine
{
    private const int NotDone = 1;
    private const int NotUnderstood = 2;

    private static readonly string[] Help = ["--help", "-h", "-?", "/?", "/h", "--version"];

    /// <summary>Whether arguments ask for a verb, or what verbs there are; others are settings of a server.</summary>
    public static bool Knows(string[] arguments) =>
        arguments.Length > 0 && (Help.Contains(arguments[0]) || Create().Subcommands.Any(verb => verb.Name == arguments[0]));

    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse([.. Settings.Mark(arguments)]);
        if (parsed.Errors.Select(error => error.Message).FirstOrDefault() is { } error)
        {
            await Console.Error.WriteLineAsync(error);
            return NotUnderstood;
        }

        return await parsed.InvokeAsync();
    }

    /// <summary>Gives a verb what it does.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="run">Does it, on a workbench made by the settings of the line; returns why it could not, or null.</param>
    public static Command Does(this Command verb, Func<ParseResult, CommandServices, CancellationToken, Task<string?>> run)
    {
        verb.SetAction(async (parsed, ct) =>
        {
            try
            {
                await using var workbench = CommandServices.Create(Settings.Of(parsed));
                return await FailAsync(await run(parsed, workbench, ct));
            }
            catch (Exception exception) when (Startup.SentencesOf(exception) is { Count: > 0 } sentences)
            {
                return await FailAsync(string.Join(Environment.NewLine, sentences));
            }
        });
        return verb;
    }

    private static async Task<int> FailAsync(string? why)
    {
        if (why is null)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync(why);
        return NotDone;
    }

    private static RootCommand Create() => new(
        """
        The auth server. Without a command it serves.

        Settings follow a command as they follow the program, or come from the environment.
        On SQLite all commands but migrate and copy work beside the running server.
        """)
    {
        Settings.Option,
        MigrateCommand.Create(),
        CopyCommand.Create(),
        UserCommands.Create(),
        SessionCommands.Create(),
        KeyCommands.Create(),
    };
}
