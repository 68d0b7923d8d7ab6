namespace AuthServer.Core.Tests;

public sealed class PasskeyStateTests
{
    private static readonly DateTimeOffset EndsAt = new(2026, 1, 1, 12, 30, 0, TimeSpan.Zero);
    private static readonly byte[] Nonce = Some.Key(9, SealedValue.NonceLength);
    private static readonly PasskeyBinding Binding = new(PasskeyPurpose.Register, Guid.NewGuid(), Guid.NewGuid());
    private static readonly PasskeyState State = new(Binding, Guid.NewGuid(), Guid.NewGuid(), "{\"challenge\":\"ádá\"}", EndsAt);

    private static DateTimeOffset Before => EndsAt - TimeSpan.FromMilliseconds(1);

    [Fact]
    public void State_opens_as_it_was_sealed_and_discloses_nothing()
    {
        var text = State.Seal(Nonce, Some.Roots(1));
        Assert.Equal(State, PasskeyState.Open(text, Binding, Some.Roots(1), Before));
        Assert.Matches("^[A-Za-z0-9_-]+$", text);
    }

    [Fact]
    public void State_is_over_at_its_end()
    {
        var text = State.Seal(Nonce, Some.Roots(1));
        Assert.NotNull(PasskeyState.Open(text, Binding, Some.Roots(1), Before));
        Assert.Null(PasskeyState.Open(text, Binding, Some.Roots(1), EndsAt));
    }

    [Fact]
    public void State_opens_for_its_binding_and_root_key_alone()
    {
        var text = State.Seal(Nonce, Some.Roots(1));
        PasskeyBinding[] others =
        [
            PasskeyBinding.LogIn,
            Binding with { Purpose = PasskeyPurpose.FreshProof },
            Binding with { UserId = Guid.NewGuid() },
            Binding with { BoundTo = Guid.NewGuid() },
        ];
        Assert.All(others, other => Assert.Null(PasskeyState.Open(text, other, Some.Roots(1), Before)));
        Assert.Null(PasskeyState.Open(text, Binding, Some.Roots(2), Before));
        Assert.NotNull(PasskeyState.Open(text, Binding, Some.Roots(1, 2), Before));
    }

    [Fact]
    public void State_with_any_character_changed_does_not_open()
    {
        var text = State.Seal(Nonce, Some.Roots(1));
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in "AQgw_-9=+/ \n")
            {
                var changed = text[..i] + other + text[(i + 1)..];
                Assert.True(
                    changed == text || PasskeyState.Open(changed, Binding, Some.Roots(1), Before) is null, $"{i} {other}");
            }
        }
    }

    [Fact]
    public void Text_beside_state_does_not_open()
    {
        var text = State.Seal(Nonce, Some.Roots(1));
        string[] others = ["", " ", text + "A", text[..^1], text + "=", " " + text, text + "\n", new('A', 100_000)];
        Assert.All(others, other => Assert.Null(PasskeyState.Open(other, Binding, Some.Roots(1), Before)));
    }

    [Fact]
    public void Link_of_mail_is_no_state()
    {
        var link = new MailLink(MailKind.LogIn, Guid.Empty, Guid.Empty, Guid.Empty, Guid.Empty, "a@example.com", EndsAt);
        Assert.Null(PasskeyState.Open(link.Seal(Nonce, Some.Roots(1)), PasskeyBinding.LogIn, Some.Roots(1), Before));
    }

    [Fact]
    public void Longest_names_fit()
    {
        // As the framework escapes them in JSON.
        var name = string.Concat(Enumerable.Repeat("\\uD83D\\uDE00", DisplayText.MaxLength));
        var state = State with { Ceremony = $"{new string('A', 200)}{name}{name}" };
        Assert.Equal(state, PasskeyState.Open(state.Seal(Nonce, Some.Roots(1)), Binding, Some.Roots(1), Before));
    }
}
