using System.CommandLine;
using AuthServer.Hosting;

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
        arguments.Length > 0 && (Help.Contains(arguments[0]) || Verbs().Any(verb => verb.Name == arguments[0]));

    /// <summary>Runs a verb.</summary>
    /// <param name="arguments">The line.</param>
    /// <param name="createBuilder">Makes the builder of a server with the given settings, whose services the verb works with.</param>
    public static async Task<int> RunAsync(string[] arguments, Func<string[], WebApplicationBuilder> createBuilder)
    {
        var parsed = new ServerCommand(createBuilder).Parse([.. Settings.Mark(arguments)]);
        if (parsed.Errors.Select(error => error.Message).FirstOrDefault() is { } error)
        {
            await Console.Error.WriteLineAsync(error);
            return NotUnderstood;
        }

        return await parsed.InvokeAsync();
    }

    /// <summary>Gives a verb what it does.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="run">Does it, with the services that the settings of the line make; returns why it could not, or null.</param>
    public static Command Does(this Command verb, Func<ParseResult, CommandServices, CancellationToken, Task<string?>> run)
    {
        verb.SetAction(async (parsed, ct) =>
        {
            try
            {
                var createBuilder = ((ServerCommand)parsed.RootCommandResult.Command).CreateBuilder;
                await using var services = CommandServices.Create(createBuilder, Settings.Of(parsed));
                return await FailAsync(await run(parsed, services, ct));
            }
            catch (Exception exception) when (StartupErrors.Describe(exception) is { Count: > 0 } sentences)
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

    private static IEnumerable<Command> Verbs() =>
    [
        MigrateCommand.Create(),
        CopyCommand.Create(),
        UserCommands.Create(),
        SessionCommands.Create(),
        KeyCommands.Create(),
    ];

    /// <summary>The program itself, with all verbs below.</summary>
    private sealed class ServerCommand : RootCommand
    {
        public ServerCommand(Func<string[], WebApplicationBuilder> createBuilder)
            : base(
                """
                The auth server. Without a command it serves.

                Settings follow a command as they follow the program, or come from the environment.
                On SQLite all commands but migrate and copy work beside the running server.
                """)
        {
            CreateBuilder = createBuilder;
            Add(Settings.Option);
            foreach (var verb in Verbs())
            {
                Add(verb);
            }
        }

        public Func<string[], WebApplicationBuilder> CreateBuilder { get; }
    }
}
