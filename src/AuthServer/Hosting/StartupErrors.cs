using System.Data.Common;
using System.Reflection;
using AuthServer.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Hosting;

/// <summary>Descriptions of exceptions whose cause an operator can remove.</summary>
internal static class StartupErrors
{
    /// <summary>
    /// True if an operator can remove the cause of an exception and this program is the entry point of the process. A host such
    /// as <c>WebApplicationFactory</c> gets the exception instead, because its stack trace helps a developer.
    /// </summary>
    public static bool TryDescribe(Exception exception, out IReadOnlyList<string> sentences)
    {
        sentences = Describe(exception);
        return sentences.Count > 0 && Assembly.GetEntryAssembly() == typeof(StartupErrors).Assembly;
    }

    /// <summary>Sentences about an exception whose cause an operator can remove; empty for any other.</summary>
    public static IReadOnlyList<string> Describe(Exception exception) => exception switch
    {
        StartupException => [exception.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException many => [.. many.InnerExceptions.SelectMany(Describe).Distinct()],
        UnavailableException { IsOutcomeUnknown: true } =>
            ["The answer to the commit was lost, so the change may have been made; look before you repeat the command."],
        UnavailableException => [$"The database is unavailable: {FirstLineOf(exception.InnerException ?? exception)}"],
        DbException => [$"The database reports an error: {FirstLineOf(exception)}"],

        // The framework throws these at start because of its input: a file, an address, a value.
        IOException or InvalidDataException or InvalidOperationException or ArgumentException or FormatException =>
            [$"The server can't start: {FirstLineOf(exception)}"],
        _ => [],
    };

    private static string FirstLineOf(Exception exception) => exception.Message.Split('\n')[0];
}
