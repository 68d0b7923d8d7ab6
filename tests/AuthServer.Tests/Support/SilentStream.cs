using System.Text;

namespace AuthServer.Tests.Support;

/// <summary>A stream that has a text and then never ends.</summary>
public sealed class SilentStream(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        if (count == 0 && !buffer.IsEmpty)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return count;
    }
}
