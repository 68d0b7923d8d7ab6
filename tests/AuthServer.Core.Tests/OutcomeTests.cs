namespace AuthServer.Core.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public void Value_is_outcome_without_refusal()
    {
        Outcome<int> outcome = 7;

        Assert.Equal(7, outcome.Value);
        Assert.Null(outcome.Refusal);
    }

    [Fact]
    public void Refusal_is_outcome_with_its_reason()
    {
        Outcome<int> outcome = new Refusal(ErrorCode.SessionEnded, EndReason.Logout);

        Assert.Equal(new Refusal(ErrorCode.SessionEnded, EndReason.Logout), outcome.Refusal);
        var exception = Assert.Throws<InvalidOperationException>(() => outcome.Value);
        Assert.Equal("A refused outcome has no value.", exception.Message);
    }

    [Fact]
    public void Bare_code_is_refusal()
    {
        Outcome<Unit> outcome = ErrorCode.NotFound;

        Assert.Equal(new Refusal(ErrorCode.NotFound), outcome.Refusal);
    }

    [Fact]
    public void Refusal_of_field_is_invalid_request_that_names_it()
    {
        var refusal = Refusal.OfField("username", "Must not have a colon.");

        Assert.Equal(ErrorCode.InvalidRequest, refusal.Code);
        var (field, messages) = Assert.Single(refusal.Errors!);
        Assert.Equal("username", field);
        Assert.Equal(["Must not have a colon."], messages);
    }
}
