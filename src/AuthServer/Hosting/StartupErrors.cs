using System.Data.Common;
using System.Reflection;
using AuthServer.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Hosting;

/// <summary>Sentences for exceptions that an operator can mend.</summary>
internal static class StartupErrors
{
    /// <summary>
    /// True if an exception is the operator's to mend and this program was started by itself. A host such as
    /// <c>WebApplicationFactory</c> gets the exception instead, because it says more to a developer.
    /// </summary>
    public static bool TryDescribe(Exception exception, out IReadOnlyList<string> sentences)
    {
        sentences = Describe(exception);
        return sentences.Count > 0 && Assembly.GetEntryAssembly() == typeof(StartupErrors).Assembly;
    }

    /// <summary>The sentences for an exception that is the operator's to mend; empty for any other.</summary>
    public static IReadOnlyList<string> Describe(Exception exception) => exception switch
    {
        StartupException => [exception.Message],
        OptionsValidationException options => [.. options.Failures],
        AggregateException many => [.. many.InnerExceptions.SelectMany(Describe)],
        UnavailableException => [$"The database can't be used just now: {FirstLineOf(exception.InnerException ?? exception)}"],
        DbException => [$"The database refuses: {FirstLineOf(exception)}"],

        // Anything else that the framework throws at start is about what it was given: a file, an address, a value.
        IOException or InvalidDataException or InvalidOperationException or ArgumentException or FormatException =>
            [$"The server can't start: {FirstLineOf(exception)}"],
        _ => [],
    };

    private static string FirstLineOf(Exception exception) => exception.Message.Split('\n')[0];
}
