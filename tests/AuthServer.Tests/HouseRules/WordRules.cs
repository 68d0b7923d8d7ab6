using System.Text.RegularExpressions;

namespace AuthServer.Tests.HouseRules;

/// <summary>Words that prose avoids. A blank in a pattern matches any white space, a line break included.</summary>
internal static class WordRules
{
    private const string Actor = "name the caller, request, node, operator, transaction or connection";

    private const string Verb =
        "(?:is|are|was|were|has|have|had|can|can't|could|may|must|will|would|does|doesn't|do|did"
        + "|needs?|makes?|takes?|keeps?|knows?)";

    // A relational "where" follows a place, or a verb that takes a question.
    private const string Place =
        "(?:places?|folders?|director(?:y|ies)|files?|lines?|points?|positions?|spot|page|rows?|columns?|section|field|path"
        + "|machines?|browser|database|table|country|moment|from|to|of|in|is|are|knows?|sees?|shows?|shown|says?|said|finds?"
        + "|found|learns?|exactly)";

    public static IEnumerable<HouseRule> All { get; } =
    [
        Words("unnamed person", Actor, @"\b(?:no|some|every|any)body\b", @"\bwhom?ever\b"),
        Words("others", Actor, @"\bothers\b(?<!\b(?:the|all|no|two|and|among) others)(?!')"),
        Words("who as a noun", Actor, @"(?-i:Who)(?<=(?:^|[.;:!\u0001])\s*Who) (?!\w+[^.!\u0001]*\?)\w+"),
        Words("but for", "say except", @"\bbut for\b"),
        Words("save for", "say except", @", save\b", @"\bsave (?:for|that|where)\b", @"\b(?:none|nothing|all|no \w+) save\b"),
        Words(
            "conditional where", "say if, when or unless",
            $@"\bwhere(?<!\b{Place},? where) (?:there|it|that|this|they|no|none|not|he|one|nothing|neither|both)\b",
            $@"\bwhere(?<=, where)(?<!\b{Place}, where)\b",
            @"\bwhere(?<=\b(?:null|false|true|empty|absent|undefined|only|also|even|except|nothing|skipped|fails?) where)\b",
            @"(?-i:Where)(?<=(?:^|[.;:!?\u0001])\s*Where) [^.;?\u0001]*,"),
        Words(
            "causal for", "say because",
            ", for (?:it|they|there|he|she|we)\\b",
            $", for (?:this|that|these|those) {Verb}\\b",
            ", for (?:the|a|an|its|their|each|every|no|some|only|[a-z]+s) "
                + $@"(?:(?!(?:that|which|who|whose|when|where|to|whether|what|whatever|how|if) )[\w'-]+ ){{0,4}}{Verb}\b"),
        Words("told", "say notify, report, return, ask or know", @"\b(?:told|tells|telling)\b"),
        Words("leisure", "name the limit", @"\bleisure\b"),
        Words("visit", "say use, open or request", @"\bvisit(?:s|ed|ing|ors?)?\b"),
        Words("in order", "say valid", @"\b(?:is|are|was|were|be|been|not|still|all) in order\b(?! (?:to|of)\b)"),
        Words(
            "turn", "say transaction, batch or order",
            @"\b(?:a|the|its|next|own|same|another|per|in|first|last|write|whose|by) turns?\b", @"\b(?:each|every) turn\b",
            @"\w's turns?\b", @"\bturnstiles?\b", @"\btakes? turns\b"),
        Words("gate", "say lock, queue or limit", @"\bgate(?:s|d|keepers?)?\b"),
        Words("trouble", "say failure or reason", @"\btroubles?(?:d|some)?\b"),
        Words("patience", "say timeout or retry", @"\bpatien(?:ce|t|tly)\b"),
        Words("door", "say entry point", @"\bdoors?\b", @"\bdoorway\b"),
        Words("sign in", "say log in, log out or register", @"\bsign(?:s|ed|ing)?[ -](?:in|out|up)\b"),
    ];

    private static HouseRule Words(string name, string cure, params string[] patterns)
    {
        Regex[] expressions =
        [
            .. patterns.Select(pattern => new Regex(
                pattern.Replace(" ", @"\s+", StringComparison.Ordinal), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)),
        ];
        return new(name, cure, file => expressions
            .SelectMany(expression => expression.Matches(file.Prose))
            .DistinctBy(match => match.Index)
            .Select(match => (match.Index, Excerpt(file.Prose, match))));
    }

    private static string Excerpt(string prose, Match match)
    {
        var start = Math.Max(0, match.Index - 30);
        var end = Math.Min(prose.Length, match.Index + match.Length + 30);
        return string.Join(' ', prose[start..end].Split([' ', '\n', SourceReader.Cut], StringSplitOptions.RemoveEmptyEntries));
    }
}
