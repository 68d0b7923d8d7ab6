namespace AuthServer.Tests.HouseRules;

/// <summary>A file of the repository, split into what people read as prose and what a compiler reads as code.</summary>
/// <param name="path">Path from the root of the repository, with forward slashes. Its extension selects the syntax.</param>
/// <param name="text">Content of the file.</param>
internal sealed class SourceFile(string path, string text)
{
    private readonly Lazy<(string Prose, string Code)> parts = new(() => SourceReader.Split(path, text));

    public string Path => path;

    public string Extension => System.IO.Path.GetExtension(path);

    public string Text => text;

    /// <summary>
    /// Comments, documentation, names of tests and texts of pages, at their offsets in <see cref="Text"/>. Everything else is
    /// <see cref="SourceReader.Cut"/>, and inline code is <see cref="SourceReader.InlineCode"/>.
    /// </summary>
    public string Prose => parts.Value.Prose;

    /// <summary>Code at its offsets in <see cref="Text"/>, with blanks for comments and literals.</summary>
    public string Code => parts.Value.Code;

    /// <summary>Number of the line at an offset of <see cref="Text"/>, counted from 1.</summary>
    public int LineAt(int offset) => 1 + text.AsSpan(0, offset).Count('\n');
}
