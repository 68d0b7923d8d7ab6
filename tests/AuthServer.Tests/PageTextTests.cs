using AuthServer.Http;

namespace AuthServer.Tests;

/// <summary>Texts of pages without what browsers do not need.</summary>
public sealed class PageTextTests
{
    [Theory]
    [InlineData("/* One.\n * Two. */\n// Three.\nconst a = { b: 'c : d' };\n\n  // Four.\n  f(a, `x : ${ a }`);\n",
        "const a={b:'c : d'};f(a,`x : ${ a }`);")]
    [InlineData("a = b + -c - +d;\n", "a=b + -c - +d;")]
    [InlineData("  /** One. */ #a = 1;\n  #b = 2;\n  /** Two. */\n  c() {}\n", "#a=1;#b=2;c(){}\n")]
    [InlineData("s.replace(/ '[ ,]/, \"' , '\");\n", "s.replace(/ '[ ,]/,\"' , '\");")]
    [InlineData("const half = x / 2, y = '/ , /';\n", "const half=x / 2,y='/ , /';")]
    [InlineData(
        "return [1, 2];\nfor (const one of [a, b]) {\n  x ??= y;\n}\n", "return[1,2];for(const one of[a,b]){x??=y;}\n")]
    [InlineData("// Ends here.\nvar url = 'https://example.com';\n", "var url='https://example.com';")]
    [InlineData("a = b\n(c)\nd = [\n  e,\n]\nf()\n", "a=b\n(c)\nd=[e,]\nf()\n")]
    public void Script_keeps_literals_and_line_breaks(string text, string compact) =>
        Assert.Equal(compact, PageText.Compact("/a.js", text));

    [Theory]
    [InlineData("/* One. */\n.a :is(b, c) {\n  margin: 0 auto; color: red;\n}\n", ".a :is(b,c){margin:0 auto;color:red;}")]
    [InlineData("@media (max-width: 48rem) { .a::after { content: \"•\"; width: calc(1rem + 2 * var(--x)); } }",
        "@media (max-width:48rem){.a::after{content:\"•\";width:calc(1rem + 2 * var(--x));}}")]
    public void Styles_keep_spaces_of_selectors_and_sums(string text, string compact) =>
        Assert.Equal(compact, PageText.Compact("/a.css", text));

    [Fact]
    public void Page_loses_indentation_alone() =>
        Assert.Equal("<p>\na  b, c\n</p>\n", PageText.Compact("/index.html", "<p>\n  a  b, c\n\n</p>\n"));
}
