using System.CommandLine;
using AuthServer.Hosting;

namespace AuthServer.Commands;

/// <summary>
/// Commands of the program, which serves requests without one. The exit code is 0 after success, 1 after a failure and 2 for an
/// invalid line. The reason of a failure is on standard error.
/// </summary>
internal static class CommandLine
{
    private const int Failed = 1;

    private static readonly string[] Help = ["--help", "-h", "-?", "/?", "/h", "--version"];

    /// <summary>
    /// True if arguments name a command, known or not, or ask for help. All other arguments are settings of a server.
    /// </summary>
    public static bool IsCommand(string[] arguments) =>
        arguments.Length > 0 && (Help.Contains(arguments[0]) || Settings.FirstWordOf(arguments) is not null);

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">Arguments of the program.</param>
    /// <param name="createBuilder">Creates the builder of a server from settings. The command uses its services.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, Func<string[], WebApplicationBuilder> createBuilder)
    {
        var parsed = new ServerCommand(createBuilder).Parse([.. Settings.Mark(arguments)]);
        if (parsed.Errors.Select(error => error.Message).FirstOrDefault() is { } error)
        {
            await Console.Error.WriteLineAsync(parsed.UnmatchedTokens.Count == 0 ? error : DescribeUnknown(parsed));
            return StartupException.Invalid;
        }

        return await parsed.InvokeAsync();
    }

    /// <summary>Sets the action of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">Runs it with the services of the settings. Returns the reason of a failure, or null.</param>
    public static Command Does(this Command command, Func<ParseResult, CommandServices, CancellationToken, Task<string?>> run)
    {
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                var createBuilder = ((ServerCommand)parsed.RootCommandResult.Command).CreateBuilder;
                await using var services = CommandServices.Create(createBuilder, Settings.Of(parsed));
                return await ExitAsync(await run(parsed, services, ct));
            }
            catch (Exception exception) when (StartupErrors.Describe(exception) is { Count: > 0 } sentences)
            {
                var code = await ExitAsync(string.Join(Environment.NewLine, sentences));
                return exception is StartupException startup ? startup.ExitCode : code;
            }
        });
        return command;
    }

    private static string DescribeUnknown(ParseResult parsed)
    {
        var (word, command) = (parsed.UnmatchedTokens[0], parsed.CommandResult.Command);
        var names = command.Subcommands.Select(verb => verb.Name).Concat(command.Options.Select(option => option.Name));
        return Spelling.Nearest(word, names) is { } nearest
            ? $"'{word}' is unknown. Did you mean {nearest}?"
            : $"'{word}' is unknown; --help lists what there is.";
    }

    private static async Task<int> ExitAsync(string? failure)
    {
        if (failure is null)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync(failure);
        return Failed;
    }

    private static IEnumerable<Command> Commands() =>
    [
        MigrateCommand.Create(),
        CopyCommand.Create(),
        UserCommands.Create(),
        SessionCommands.Create(),
        EventCommands.Create(),
        KeyCommands.Create(),
        ResourceServerCommands.Create(),
        MailCommands.Create(),
    ];

    /// <summary>Root of all commands.</summary>
    private sealed class ServerCommand : RootCommand
    {
        public ServerCommand(Func<string[], WebApplicationBuilder> createBuilder)
            : base(
                """
                The auth server. Without a command, it serves requests.

                All commands take the settings of the server, as arguments or from the environment.
                On SQLite, all commands except migrate and copy can run beside the server.
                """)
        {
            CreateBuilder = createBuilder;
            Add(Settings.Option);
            foreach (var command in Commands())
            {
                Add(command);
            }
        }

        public Func<string[], WebApplicationBuilder> CreateBuilder { get; }
    }
}
