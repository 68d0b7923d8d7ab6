namespace AuthServer.Tests.HouseRules;

/// <summary>Short files that break a rule, or nearly do.</summary>
internal static class HouseRuleSamples
{
    /// <summary>C# that a rule has to find, and C# that it has to pass, by the rule's name.</summary>
    public static Dictionary<string, (string[] Found, string[] Passed)> OfRules { get; } = new()
    {
        ["unnamed person"] = (
            ["// Waits until nobody asks.", "/* Somebody else's session. */", "// Whoever asks\n// gets the same answer."],
            ["// Waits until no request uses the connection.", "var nobody = \"nobody\";"]),
        ["others"] = (
            ["// Sessions that others end.", "// Others may write.", "// Readable by others."],
            ["// One key signs, the others verify.", "// Issuer, audience and others.", "// The issuer, among others."]),
        ["who as a noun"] = (
            ["// Who has it is logged in.", "// A secret. Who has it is logged in.", "/// <summary>Who calls a route.</summary>"],
            ["// The users who are logged in.", "// Who ended the session? The log says."]),
        ["but for"] = (
            ["// Everything but for the port.", "// Everything but\n    // for the port."],
            ["// Not for the client but the server.", "// Slow, but forgiving."]),
        ["save for"] = (
            ["// Everything, save the port.", "// Everything save for the port.", "// None save the first."],
            ["// The options to save.", "// Save the file first."]),
        ["conditional where"] = (
            [
                "// Null where there is none.", "// Makes it where it is missing.", "// Refused, where the token is invalid.",
                "// Where no token is given, the answer is 401.", "// Refused also where\n    // the token is valid.",
                "void Token_is_refused_even_where_it_is_valid()",
            ],
            [
                "// The folder where it is stored.", "// In the browser, where scripts read it.", "// Where sessions end.",
                "// The place where the cookie is set.", "// Shows where it came from.",
            ]),
        ["causal for"] = (
            [
                "// Copied, for it is used again.", "// Copied, for the buffer is used again.",
                "// Written here,\n    // for a descriptor takes longer.", "// Checked twice, for that takes no time.",
            ],
            [
                "// Kept in memory, for the next request.", "// Used, for the first time, by a test.",
                "// Names, for messages about what is invisible.", "// The limit, for the tokens that are expired.",
                "// Waits for the answer.",
            ]),
        ["told"] = (
            ["// The client is told of it.", "// The listener tells when a session ended.", "// The most telling first."],
            ["// A total of ten.", "// Returns when the session ended."]),
        ["leisure"] = (["// Runs at leisure."], ["// Runs without a timeout."]),
        ["visit"] = (["// A visitor of the page.", "// Visited once a minute."], ["// The open page.", "// Visible pages."]),
        ["in order"] = (
            ["// The token is in order.", "// Claims that are not in order."],
            ["// The rows are in order of use.", "// In order to stop.", "// Read in this order."]),
        ["turn"] = (
            ["// Waits for its turn.", "// The next turn begins.", "// Once the batch's turn comes.", "// Asked in turn."],
            ["// The option turns it off.", "// Returns nothing.", "// Flags that turn tracing on."]),
        ["gate"] = (["// Behind the gate.", "// Gated by a semaphore."], ["// 504 Gateway Timeout.", "// Delegates to it."]),
        ["trouble"] = (["// A database in trouble.", "// Every kind of trouble."], ["// A database that fails."]),
        ["patience"] = (["// The end of patience.", "// A patient handler."], ["// The end of the timeout."]),
        ["door"] = (["// The front door.", "// Doors of the server."], ["// The entry point.", "// Adored."]),
        ["sign in"] = (
            ["// Signs in again.", "// Signed out by now.", "// The sign-in page.", "// Sign up first."],
            ["// Logs in again.", "// Signs the token.", "// Signed input."]),
        ["documentation"] = (
            [
                "/// <summary>What the server answers.</summary>", "/// <summary>\n/// Whether it is open.\n/// </summary>",
                "/// <param name=\"wait\">How long it waited.</param>", "/// <returns>Whose it is.</returns>",
                "/** Why it ended. */", "/**\n * What is sent.\n */", "/**\n * @param {string} name How it is called.\n */",
                "/** @returns {boolean} Whether it is open. */",
            ],
            [
                "/// <summary>Answer of the server.</summary>", "/// <summary>True if it is open.</summary>",
                "/// <summary>Whatsoever.</summary>", "/// <remarks>When it ends, it is removed.</remarks>",
                "/** Reason of the end. */", "/** @returns {boolean} True if it is open. */",
            ]),
        ["long sentence"] = (
            [$"// {Sentence(26)}", $"// {Sentence(13)[..^1]}\n    // {Sentence(13)}", $"/// <summary>{Sentence(26)}</summary>"],
            [
                $"// {Sentence(25)} {Sentence(25)}", $"// {Sentence(25)[..^1]}\n\n    // {Sentence(25)}",
                $"/** {Sentence(25)}\n * {Sentence(25)} */",
                $"/** {Sentence(25)[..^1]}\n * @param {{string}} a {Sentence(13)} */", $"var text = \"{Sentence(26)}\";",
            ]),
        ["word in a name"] = (
            [
                "var turn = 1;", "class WriteGate;", "void RunAtLeisureAsync();", "const int MAX_PATIENCE = 1;",
                "void Log_out_logs_nobody_out();",
            ],
            ["return 1;", "var delegated = 1;", "class NavigateCommand;", "var text = \"turn\";", "class TurnoverReport;"]),
        ["sign in in a name"] = (
            ["Task SignInAsync();", "var signedOut = 1;", "class SignUpPage;"],
            ["await LogInAsync();", "Results.SignIn(user);", "var signInput = 1;", "class Signing;"]),
        ["replaced name"] = (
            ["class HashingGate;", "new WriteTurn();", "enum Done { Yes }", "static class ClientSetup;"],
            ["class HashQueue;", "var limits = 1;", "class RateLimits;", "bool isDone;"]),
        ["test name"] = (
            [
                "[Fact]\npublic void Token_of_a_session_is_refused()",
                "[Theory]\n[InlineData(typeof(int))]\npublic async Task The_token_is_refused(Type type)",
                $"[Fact]\npublic void {new string('T', 71)}()",
            ],
            [
                "[Fact]\npublic void Token_of_session_is_refused()", $"[Fact]\npublic void {new string('T', 70)}()",
                "public void Make_a_token()", "[Fact]\npublic void Theory_another_anonymous_claim()",
            ]),
        ["long line"] = ([], [new string('x', 131)]),
    };

    /// <summary>Files of each syntax with a word three times in prose, and also in code.</summary>
    public static TheoryData<string, string> OfFiles => new()
    {
        { "a.cs", "var door = \"door\"; // A door.\n/* Another door. */ var door = '\"'; // A door." },
        { "a.cs", "/// <summary>Door <c>door</c>, door, door.</summary>\nvar door = $\"{door}\";" },
        { "a.cs", "var door = \"\"\"\n// \"door\"\n\"\"\"; // Door.\nvar door = @\"\\\"; // Door, door." },
        { "a.js", "const door = 'door'; const quote = /'/; // Door.\n/** Door. */ const door = `door // ${door}`; // Door." },
        { "a.mjs", "test('Door', () => door('door')); // A door.\ntest(`Door of ${name}`);" },
        { "src/wwwroot/a.js", "const door = 'door'; const text = 'Close the door, the door, the door.';" },
        { "a.css", ".door { content: \"door\" } /* Door, door, door. */" },
        { "a.html", "<p id=\"door\">A door</p> <!-- A door. --> a door" },
        { "a.csproj", "<Door>door</Door> <!-- A door, a door, a door. -->" },
        { "a.md", "# A door\n\n- `door`\n\n```csharp\nvar door = 1; // A door.\n```\n\n```sh\ndoor\n```\nA [door](door.md)" },
        { "a.http", "### A door\nGET /door\n# A door, a door" },
        { ".editorconfig", "# A door, a door\ndoor = 1\n# A door" },
        { "run", "#!/bin/door\n# A door, a door\ndoor\n  # A door" },
    };

    private static string Sentence(int words) => "W" + string.Concat(Enumerable.Repeat("ord w", words))[..^2] + ".";
}
