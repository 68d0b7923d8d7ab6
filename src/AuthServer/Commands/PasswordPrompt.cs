using System.Text;

namespace AuthServer.Commands;

/// <summary>Reads a new password. It is never an argument, because other accounts can read arguments.</summary>
internal static class PasswordPrompt
{
    /// <summary>Reads the first line of redirected standard input, else asks twice on the terminal without echo.</summary>
    /// <returns>The password; null if standard input is empty.</returns>
    public static async Task<string?> ReadAsync(CancellationToken ct)
    {
        if (Console.IsInputRedirected)
        {
            return await Console.In.ReadLineAsync(ct);
        }

        while (true)
        {
            var first = ReadWithoutEcho("New password: ");
            if (first == ReadWithoutEcho("Repeat it: "))
            {
                return first;
            }

            await Console.Error.WriteLineAsync("The passwords differ.");
        }
    }

    private static string ReadWithoutEcho(string prompt)
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
