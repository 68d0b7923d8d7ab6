using System.Text;

/// <summary>Asks the user on the console.</summary>
internal static class Prompt
{
    public static string ForLine(string question)
    {
        Console.Write(question);
        return Console.ReadLine() ?? "";
    }

    /// <summary>Asks without showing the answer.</summary>
    public static string ForSecret(string question)
    {
        Console.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                typed.Append(key.KeyChar);
            }
            else if (typed.Length > 0)
            {
                typed.Length--;
            }
        }

        Console.WriteLine();
        return typed.ToString();
    }
}
