using System.Text;

namespace AuthServer.Commands;

/// <summary>Asks for a new password: never among the arguments, which other accounts of the machine can read.</summary>
internal static class PasswordPrompt
{
    /// <summary>The first line of standard input where that comes from somewhere, else what is typed twice without being shown.</summary>
    /// <returns>The password; null where there is none.</returns>
    public static async Task<string?> ReadAsync(CancellationToken ct)
    {
        if (Console.IsInputRedirected)
        {
            return await Console.In.ReadLineAsync(ct);
        }

        while (true)
        {
            var first = ReadUnseen("New password: ");
            if (first == ReadUnseen("Once more: "))
            {
                return first;
            }

            await Console.Error.WriteLineAsync("The two differ.");
        }
    }

    private static string ReadUnseen(string prompt)
    {
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length -= Math.Min(1, text.Length);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
