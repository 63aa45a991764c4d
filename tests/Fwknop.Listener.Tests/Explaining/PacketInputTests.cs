using System.IO.Pipes;
using System.Text;
using Fwknop.Listener.Explaining;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Tests.Explaining;

/// <summary>Anything may be given to <c>--explain</c>, from a file or without end from a pipe.</summary>
public sealed class PacketInputTests
{
    private static readonly byte[] PcapMagic = [0xD4, 0xC3, 0xB2, 0xA1];
    private static readonly byte[] PcapNgMagic = [0x0A, 0x0D, 0x0D, 0x0A];

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abcdef\n", "abcdef")]
    [InlineData("abcdef \r\n\n", "abcdef")]
    [InlineData("\n\n\n\n\n", "")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n")]
    public void Text_is_taken_without_its_line_end(string content, string expected)
    {
        foreach (bool piped in (bool[])[false, true])
        {
            using PacketInput? input = Read(Encoding.ASCII.GetBytes(content), piped, out string error);
            Assert.Equal("", error);
            Assert.Equal(expected, Encoding.ASCII.GetString(input!.Text!));
            Assert.Null(input.File);
        }
    }

    [Theory]
    [InlineData(0, "[*] --explain: there is nothing to explain: no packet, no pcap file")]
    [InlineData(8193, "[*] --explain: this is neither the text of one packet, which is shorter, nor a pcap file")]
    [InlineData(10_000_000, "[*] --explain: this is neither the text of one packet, which is shorter, nor a pcap file")]
    public void What_is_neither_is_refused(int length, string expected)
    {
        foreach (bool piped in (bool[])[false, true])
        {
            using PacketInput? input = Read(new byte[length], piped, out string error);
            Assert.Null(input);
            Assert.Equal(expected, error);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pcap_file_is_whole_wherever_it_comes_from(bool piped)
    {
        foreach (byte[] magic in (byte[][])[PcapMagic, PcapNgMagic, [0xA1, 0xB2, 0x3C, 0x4D]])
        {
            byte[] content = [.. magic, .. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
            using PacketInput? input = Read(content, piped, out string error);
            Assert.Equal("", error);
            Assert.Null(input!.Text);
            Assert.False(input.IsCut);
            byte[] read = new byte[content.Length + 1];
            int total = 0;
            while (input.File!.TryRead(read.AsSpan(total), out int count, out _) && count > 0)
            {
                total += count;
            }

            Assert.True(content.AsSpan().SequenceEqual(read.AsSpan(0, total)));
        }
    }

    [Fact]
    public void A_pipe_without_end_is_cut()
    {
        using PacketInput? input = Read(new byte[100_000], piped: true, out string error, PcapMagic, repeat: int.MaxValue);
        Assert.Equal("", error);
        Assert.True(input!.IsCut);
    }

    [Fact]
    public void Nobody_waits_when_the_daemon_is_gone()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.In);
        Assert.Null(PacketInput.TryRead(Borrow(pipe), () => false, out string error));
        Assert.Equal("[*] --explain: ended", error);
    }

    private static PacketInput? Read(byte[] content, bool piped, out string error, byte[]? start = null, int repeat = 1)
    {
        if (!piped)
        {
            Descriptor file = Descriptor.CreateInMemory();
            Assert.True(file.TryWriteAll(content, out _));
            file.Rewind();
            return PacketInput.TryRead(file, () => true, out error);
        }

        using AnonymousPipeServerStream reader = new(PipeDirection.In);
        using AnonymousPipeClientStream writer = new(PipeDirection.Out, reader.ClientSafePipeHandle);
        Thread filling = new(() =>
        {
            try
            {
                writer.Write(start ?? []);
                for (int i = 0; i < repeat; i++)
                {
                    writer.Write(content);
                }
            }
            catch (IOException)
            {
                // Nobody reads any more, which is the point of some rows.
            }

            writer.Dispose();
        });
        filling.Start();
        PacketInput? input = PacketInput.TryRead(Borrow(reader), () => true, out error);
        reader.Dispose();
        filling.Join();
        return input;
    }

    private static Descriptor Borrow(AnonymousPipeServerStream pipe) => Descriptor.Borrow((int)pipe.SafePipeHandle.DangerousGetHandle());
}
