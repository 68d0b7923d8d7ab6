using System.Text.Json;

namespace AuthServer.Core.Tests;

/// <summary>Names that clients branch on, and numbers that are stored.</summary>
public sealed class ContractNamesTests
{
    private static readonly string[] Codes =
    [
        "invalid_request", "token_mismatch", "invalid_credentials", "access_token_missing", "access_token_expired",
        "access_token_invalid", "session_invalid", "session_ended", "refresh_token_missing", "refresh_token_invalid",
        "refresh_token_expired", "refresh_token_reused", "link_invalid", "external_login_failed", "forbidden",
        "reauthentication_required", "email_unverified",
        "cross_site", "registration_closed", "not_found", "username_taken", "email_taken",
        "last_credential", "last_admin", "second_factor_required", "second_factor_invalid", "second_factor_setup_required",
        "too_many_sessions", "method_not_allowed", "body_too_large", "unsupported_media_type", "too_many_requests",
        "internal_error", "unavailable",
    ];

    [Fact]
    public void Error_code_is_in_contract() =>
        Assert.All(Enum.GetNames<ErrorCode>(), name => Assert.Contains(JsonNamingPolicy.SnakeCaseLower.ConvertName(name), Codes));

    [Theory]
    [InlineData(1, "logout")]
    [InlineData(2, "logout_all")]
    [InlineData(3, "revoked")]
    [InlineData(4, "displaced")]
    [InlineData(5, "password_changed")]
    [InlineData(6, "disabled")]
    [InlineData(7, "reused")]
    [InlineData(8, "expired")]
    [InlineData(9, "replaced")]
    [InlineData(10, "deleted")]
    public void End_reason_keeps_its_stored_number_and_name(int number, string name) =>
        Assert.Equal(name, JsonNamingPolicy.SnakeCaseLower.ConvertName(((EndReason)number).ToString()));

    [Fact]
    public void End_reasons_are_complete() => Assert.Equal(10, Enum.GetValues<EndReason>().Length);
}
