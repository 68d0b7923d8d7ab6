namespace AuthServer.Core.Tests;

public sealed class RoleNameTests
{
    public static TheoryData<string, bool> Names => new()
    {
        { "admin", true },
        { "billing:read-only_2.eu", true },
        { new string('a', 64), true },
        { new string('a', 65), false },
        { "", false },
        { "Admin", false },
        { "not a role", false },
        { "admin,editor", false },
        { "rôle", false },
        { "admin\n", false },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Role_is_short_word_that_needs_no_escaping(string name, bool valid) =>
        Assert.Equal(valid, RoleName.IsValid(name));
}
