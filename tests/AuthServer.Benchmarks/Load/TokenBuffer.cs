namespace AuthServer.Benchmarks.Load;

/// <summary>A reusable buffer for a token.</summary>
internal sealed class TokenBuffer
{
    private byte[] bytes = new byte[4096];
    private int length;

    public ReadOnlyMemory<byte> Value => bytes.AsMemory(0, length);

    public void Set(ReadOnlySpan<byte> value)
    {
        if (value.Length > bytes.Length)
        {
            bytes = new byte[value.Length * 2];
        }

        value.CopyTo(bytes);
        length = value.Length;
    }
}
