using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Tests;

/// <summary>Sentences about errors for an operator.</summary>
public sealed class StartupErrorsTests
{
    [Fact]
    public void Lost_answer_to_commit_is_not_called_failure()
    {
        var sentence = Assert.Single(StartupErrors.Describe(new UnavailableException("lost") { IsOutcomeUnknown = true }));
        Assert.Contains("may have been made", sentence, StringComparison.Ordinal);
    }

    // Options of the server and of the bearer scheme have one source.
    [Fact]
    public void Failure_of_two_options_is_one_sentence()
    {
        var failure = new OptionsValidationException("", typeof(object), ["Tokens:Issuer is empty."]);
        Assert.Equal(failure.Failures, StartupErrors.Describe(new AggregateException(failure, failure)));
    }
}
