using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>
/// Screenshots in at most 256 colours, which take a third of the bytes. Source: Portable Network Graphics, third edition, W3C.
/// </summary>
internal static class SmallPng
{
    private const int MostColors = 256;
    private const int HeaderLength = 13;
    private const byte Palette = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>The width and the height of an image in pixels.</summary>
    public static (int Width, int Height) SizeOf(ReadOnlySpan<byte> png) =>
        (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));

    /// <summary>The same image with its most frequent colours. The other ones become the nearest of these.</summary>
    /// <param name="png">An image of 8 bits a channel, with or without transparency, as Chromium makes it.</param>
    public static byte[] From(byte[] png)
    {
        var (width, height) = SizeOf(png);
        var pixels = Decode(png, width, height, channels: png[25] == 6 ? 4 : 3);
        var palette = pixels.CountBy(color => color).OrderByDescending(pair => pair.Value).Take(MostColors)
            .Select(pair => pair.Key).ToArray();
        var indexes = pixels.Distinct().ToDictionary(color => color, color => (byte)Nearest(palette, color));
        var rows = new byte[height * (width + 1)];
        for (var at = 0; at < pixels.Length; at++)
        {
            rows[(at / width * (width + 1)) + 1 + (at % width)] = indexes[pixels[at]];
        }

        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        var header = png.AsSpan(16, HeaderLength).ToArray();
        header[9] = Palette;
        return
        [
            .. Signature,
            .. Chunk("IHDR", header),
            .. Chunk("PLTE", [.. palette.SelectMany(color => new[] { (byte)(color >> 16), (byte)(color >> 8), (byte)color })]),
            .. Chunk("IDAT", compressed.ToArray()),
            .. Chunk("IEND", []),
        ];
    }

    private static int[] Decode(byte[] png, int width, int height, int channels)
    {
        using var compressed = new MemoryStream();
        for (var at = Signature.Length; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                compressed.Write(png, at + 8, length);
            }

            at += length + 12;
        }

        compressed.Position = 0;
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        var (row, before, pixels) = (new byte[width * channels], new byte[width * channels], new int[width * height]);
        for (var y = 0; y < height; y++)
        {
            var filter = zlib.ReadByte();
            zlib.ReadExactly(row);
            Unfilter(filter, row, before, channels);
            for (var x = 0; x < width; x++)
            {
                var color = row.AsSpan(x * channels);
                pixels[(y * width) + x] = (color[0] << 16) | (color[1] << 8) | color[2];
            }

            (row, before) = (before, row);
        }

        return pixels;
    }

    // Source: §9.2.
    private static void Unfilter(int filter, byte[] row, byte[] before, int channels)
    {
        for (var at = 0; at < row.Length; at++)
        {
            var (left, corner) = at < channels ? (0, 0) : (row[at - channels], before[at - channels]);
            int above = before[at];
            row[at] += (byte)(filter switch
            {
                1 => left,
                2 => above,
                3 => (left + above) / 2,
                4 => Paeth(left, above, corner),
                _ => 0,
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        var guess = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static int Nearest(int[] palette, int color) => Enumerable.Range(0, palette.Length).MinBy(at =>
    {
        var (red, green, blue) = (
            (palette[at] >> 16) - (color >> 16),
            ((palette[at] >> 8) & 0xff) - ((color >> 8) & 0xff),
            (palette[at] & 0xff) - (color & 0xff));
        return (red * red) + (green * green) + (blue * blue);
    });

    private static byte[] Chunk(string type, byte[] content)
    {
        var chunk = new byte[content.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(content.Length + 8), Checksum(chunk.AsSpan(4, content.Length + 4)));
        return chunk;
    }

    // Source: §D.1.
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var one in bytes)
        {
            checksum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                checksum = (checksum & 1) == 0 ? checksum >> 1 : (checksum >> 1) ^ 0xedb88320;
            }
        }

        return ~checksum;
    }
}
