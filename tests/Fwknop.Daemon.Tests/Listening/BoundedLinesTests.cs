using Fwknop.Daemon.Listening;

namespace Fwknop.Daemon.Tests.Listening;

public sealed class BoundedLinesTests
{
    private static readonly string Long = new('a', 3 * BoundedLines.MaxLength);

    public static TheoryData<string, string, string[]> Rows() => new()
    {
        { "nothing", "", [] },
        { "lines", "one\ntwo\n", ["one", "two"] },
        { "empty lines", "\n\nx\n", ["", "", "x"] },
        { "last line without end", "one\ntwo", ["one", "two"] },
        { "longest line", Long[..BoundedLines.MaxLength] + "\nb\n", [Long[..BoundedLines.MaxLength], "b"] },
        { "too long", Long + "\nb\n", [Long[..BoundedLines.MaxLength], "b"] },
        { "too long and without end", Long, [Long[..BoundedLines.MaxLength]] },
        { "across reads", Long[..(BoundedLines.MaxLength - 1)] + "\nbcd\ne", [Long[..(BoundedLines.MaxLength - 1)], "bcd", "e"] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Keeps_the_start_of_each_line(string what, string text, string[] expected)
    {
        Assert.NotEmpty(what);
        BoundedLines lines = new(new StringReader(text));
        List<string> read = [];
        while (lines.Next() is { } line)
        {
            read.Add(line);
        }

        Assert.Equal(expected, read);
    }

    [Fact]
    public void A_line_that_never_ends_takes_no_memory()
    {
        BoundedLines lines = new(new Endless(256L << 20));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(BoundedLines.MaxLength, lines.Next()!.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private sealed class Endless(long length) : TextReader
    {
        private long _left = length;

        public override int Read(Span<char> buffer)
        {
            int count = (int)Math.Min(buffer.Length, _left);
            _left -= count;
            buffer[..count].Fill('A');
            return count;
        }

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));
    }
}
