using System.Buffers.Binary;
using Fwknop.Fuzz.Targets;
using Fwknop.Listener.Capture;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Capture;

public sealed class FileSourceTests
{
    private static readonly byte[] Udp = FrameBuilder.IPv4(17, FrameBuilder.Udp("knock"u8.ToArray()));

    public static TheoryData<string, int, byte[]> LinkTypes() => new()
    {
        { "Ethernet", 1, FrameBuilder.Ethernet(0x0800, Udp) },
        { "PPP", 9, FrameBuilder.Ppp(0x21, Udp) },
        { "PPP serial", 50, [0xFF, 0x03, .. FrameBuilder.Ppp(0x21, Udp)] },
        { "PPPoE", 51, FrameBuilder.PppSession(FrameBuilder.Ppp(0x21, Udp)) },
        { "raw, as in files", 101, Udp },
        { "loop", 108, FrameBuilder.Loop(2, Udp) },
        { "null", 0, FrameBuilder.Null(2, Udp) },
        { "Linux cooked", 113, FrameBuilder.Cooked(0x0800, Udp) },
        { "Linux cooked v2", 276, FrameBuilder.Cooked2(0x0800, Udp) },
        { "IPv4", 228, Udp },
        { "IPv6", 229, FrameBuilder.IPv6(17, FrameBuilder.Udp("knock"u8.ToArray())) },
    };

    [Theory]
    [MemberData(nameof(LinkTypes))]
    public void Both_kinds_of_file_give_their_packets_and_then_nothing(string name, int linkType, byte[] frame)
    {
        foreach (var file in new[] { Pcap(linkType, frame, frame), PcapNg(linkType, frame, frame) })
        {
            using var folder = new TemporaryFolder();
            using var source = Open(folder, file, "", out var error);
            Assert.True(source is not null, error);
            using var ready = new PollSet(source.Descriptor);
            for (var i = 0; i < 2; i++)
            {
                Assert.True(ready.Wait(TimeSpan.Zero));
                Assert.Equal((name, CaptureOutcome.Datagram), (name, source.TryNext(out var datagram, out _)));
                Assert.True("knock"u8.SequenceEqual(datagram.Payload));
            }

            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
            Assert.False(ready.Wait(TimeSpan.Zero));
            Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
        }
    }

    [Fact]
    public void The_filter_holds_for_a_file()
    {
        var other = FrameBuilder.Ethernet(0x0800, FrameBuilder.IPv4(6, FrameBuilder.Tcp("knock"u8.ToArray())));
        using var folder = new TemporaryFolder();
        using var source = Open(folder, Pcap(1, other, FrameBuilder.Ethernet(0x0800, Udp)), "udp port 62201", out _)!;

        Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out var datagram, out _));
        Assert.Equal(IpProtocol.Udp, datagram.Protocol);
        Assert.Equal(CaptureOutcome.Empty, source.TryNext(out _, out _));
    }

    [Fact]
    public void A_file_that_ends_within_a_packet_fails_there()
    {
        var frame = FrameBuilder.Ethernet(0x0800, Udp);
        using var folder = new TemporaryFolder();
        using var source = Open(folder, Pcap(1, frame, frame)[..^3], "", out _)!;

        Assert.Equal(CaptureOutcome.Datagram, source.TryNext(out _, out _));
        Assert.Equal(CaptureOutcome.Failed, source.TryNext(out _, out _));
        Assert.Contains("truncated dump file", source.Report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty", 0, "", "[*] pcap_open_offline() error: truncated dump file; tried to read 4 file header bytes, only got 0")]
    [InlineData("other", 0, "", "[*] pcap_open_offline() error: unknown file format")]
    [InlineData("pcap", 147, "", "[*] pcap_open_offline() error: frames of link type 147 cannot be read")]
    [InlineData("pcap", 1, "udp prot", "[*] Error compiling pcap filter: can't parse filter expression: syntax error")]
    public void What_cannot_be_read_is_the_reference_s_error(string content, int linkType, string filter, string expected)
    {
        byte[] bytes = content switch { "empty" => [], "other" => new byte[100], _ => Pcap(linkType, Udp) };
        using var folder = new TemporaryFolder();
        Assert.Null(Open(folder, bytes, filter, out var error));
        Assert.Equal(expected, error);
    }

    private static FileSource? Open(TemporaryFolder folder, byte[] content, string filter, out string error)
    {
        var path = folder.FilePath("packets");
        File.WriteAllBytes(path, content);
        return FileSource.TryOpen(Descriptor.TryOpenRegular(path)!, filter, out error);
    }

    private static byte[] Pcap(int linkType, params byte[][] frames) =>
    [
        .. Words(0xA1B2C3D4), 2, 0, 4, 0, .. Words(0, 0, 65535, (uint)linkType),
        .. frames.SelectMany(frame => (byte[])[.. Words(1_800_000_000, 0, (uint)frame.Length, (uint)frame.Length), .. frame]),
    ];

    /// <summary>Section header, interface description, and an enhanced packet block for each frame.</summary>
    private static byte[] PcapNg(int linkType, params byte[][] frames) =>
    [
        .. Words(0x0A0D0D0A, 28, 0x1A2B3C4D), 1, 0, 0, 0, .. Words(uint.MaxValue, uint.MaxValue, 28),
        .. Words(1, 20, (uint)linkType, 65535, 20),
        .. frames.SelectMany(frame =>
        {
            var padding = new byte[(4 - (frame.Length % 4)) % 4];
            var length = (uint)(32 + frame.Length + padding.Length);
            return (byte[])[.. Words(6, length, 0, 0, 0, (uint)frame.Length, (uint)frame.Length), .. frame, .. padding, .. Words(length)];
        }),
    ];

    private static byte[] Words(params uint[] values) => [.. values.SelectMany(value =>
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    })];
}
