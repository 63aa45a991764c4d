using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>The bytes between the two processes: one message has one encoding, and everything else is refused.</summary>
public sealed class GrantFrameTests
{
    private const int PortCountAt = 151;
    private const int FirstPortAt = 152;
    private const int UsernameLengthAt = 82;
    private const int StanzaAt = 78;
    private const int NatAt = 248;
    private const int TimeoutAt = 147;
    private const int CommandLengthAt = 131;

    public static TheoryData<string, ListenerMessage> Messages()
    {
        TheoryData<string, ListenerMessage> rows = new()
        {
            { "ready", new ListenerMessage.Ready() },
            { "limit reached", new ListenerMessage.LimitReached() },
            { "passes", new ListenerMessage.QueueVerdict(uint.MaxValue, Passes: true) },
            { "ends", new ListenerMessage.QueueVerdict(1, Passes: false) },
            { "spent, IPv4", new ListenerMessage.Spent(Packet("10.1.2.3", "10.9.9.9")) },
            { "spent, IPv6", new ListenerMessage.Spent(Packet("2001:db8::1", "2001:db8::2")) },
            { "one port", Granted(Request()) },
            { "IPv6", Granted(Request() with { Allow = IPAddress.Parse("2001:db8::7"), Packet = Packet("2001:db8::1", "fe80::1") }) },
            { "UDP and TCP", Granted(Request() with { Ports = [PortSpec.Udp(53), PortSpec.Tcp(65535), PortSpec.Tcp(1)] }) },
            { "highest values", Granted(Request() with { StanzaNumber = int.MaxValue, ClientTimeout = Limits.ClientTimeout }) },
            { "no port", Granted(Request() with { Ports = [] }) },
            { "forwarding", Granted(Request() with { Nat = new NatRequest(NatKind.Forward, "192.168.1.2,22") }) },
            { "local forwarding", Granted(Request() with { Nat = new NatRequest(NatKind.Local, "192.168.1.2,22") }) },
            { "longest target", Granted(Request() with { Nat = new NatRequest(NatKind.Forward, new string('h', Limits.NatAccess)) }) },
            { "no address", Granted(Request() with { Allow = IPAddress.Any }) },
            { "name that is not UTF-8", Granted(Request() with { Username = new FieldText([0, 0xFF, 0xC3, 0x28]) }) },
        };
        for (int ports = 2; ports <= GrantRequest.MaxPorts; ports++)
        {
            rows.Add($"{ports} ports", Granted(Request() with { Ports = [.. Enumerable.Range(1, ports).Select(PortSpec.Tcp)] }));
        }

        for (int length = 0; length <= Limits.UsernameDecoded; length++)
        {
            rows.Add($"name of {length} bytes", Granted(Request() with { Username = new string('n', length) }));
        }

        for (int length = 0; length <= Limits.MessageDecoded; length++)
        {
            rows.Add($"command of {length} bytes", Commanded(new string('c', length)));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Reads_what_it_writes(string name, ListenerMessage message)
    {
        byte[] frame = Frame(message);

        Assert.True(GrantFrame.TryRead(frame, out ListenerMessage? read), name);
        Assert.Equal(Describe(message), Describe(read!));
        Assert.Equal(frame, Frame(read!));
    }

    /// <summary>Every value of every byte: the frame is refused, or it is another message and this its only encoding.</summary>
    [Theory]
    [InlineData("ready")]
    [InlineData("limit reached")]
    [InlineData("spent, IPv4")]
    [InlineData("UDP and TCP")]
    [InlineData("IPv6")]
    [InlineData("name of 48 bytes")]
    [InlineData("no port")]
    [InlineData("32 ports")]
    [InlineData("command of 192 bytes")]
    [InlineData("forwarding")]
    public void Has_no_second_encoding(string name)
    {
        byte[] valid = Frame((ListenerMessage)Messages().First(row => name.Equals(row[0]))[1]);
        int accepted = 0;
        for (int at = 0; at < valid.Length; at++)
        {
            byte before = valid[at];
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                valid[at] = (byte)value;
                if (GrantFrame.TryRead(valid, out ListenerMessage? read))
                {
                    accepted++;
                    Assert.Equal(valid, Frame(read!));
                }
                else
                {
                    Assert.Null(read);
                }
            }

            valid[at] = before;
        }

        Assert.InRange(accepted, valid.Length, valid.Length * 256);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Carries_what_else_a_packet_is_remembered_by(int count)
    {
        ReplayDigest[] besides = [.. Enumerable.Range(1, count).Select(i => new ReplayDigest([.. Enumerable.Repeat((byte)i, ReplayDigest.Size)]))];
        byte[] ports = Frame(Granted(Request() with { Besides = besides }));
        byte[] command = Frame(new ListenerMessage.Commanded(((ListenerMessage.Commanded)Commanded(new string('c', 192))).Request with { Besides = besides }));
        foreach (byte[] frame in (byte[][])[ports, command])
        {
            Assert.True(GrantFrame.TryRead(frame, out ListenerMessage? read));
            Assert.Equal(besides, read is ListenerMessage.Granted granted ? granted.Request.Besides : ((ListenerMessage.Commanded)read).Request.Besides);
            frame[324] = 3;
            Assert.False(GrantFrame.TryRead(frame, out _));
        }

        Assert.Throws<ArgumentException>(() => Frame(Granted(Request() with { Besides = new ReplayDigest[3] })));
    }

    [Fact]
    public void Refuses_every_other_size()
    {
        byte[] frame = Frame(Granted(Request()));
        for (int size = 0; size <= 2 * GrantFrame.Size; size++)
        {
            byte[] other = new byte[size];
            frame.AsSpan(0, Math.Min(size, frame.Length)).CopyTo(other);
            Assert.Equal(size == GrantFrame.Size, GrantFrame.TryRead(other, out _));
        }
    }

    [Fact]
    public void Refuses_unknown_kinds()
    {
        byte[] frame = new byte[GrantFrame.Size];
        for (int kind = 0; kind <= byte.MaxValue; kind++)
        {
            frame[0] = (byte)kind;

            // An empty request (kinds 3 and 5) names no stanza; an empty record (kind 2) and a verdict on packet 0 (kind 16) are odd but well formed.
            Assert.Equal(kind is 1 or 2 or 4 or 16, GrantFrame.TryRead(frame, out _));
        }
    }

    [Theory]
    [InlineData("no port, and ports follow", PortCountAt, 0)]
    [InlineData("more ports than fit", PortCountAt, 33)]
    [InlineData("many more ports than fit", PortCountAt, 255)]
    [InlineData("fewer ports than follow", PortCountAt, 1)]
    [InlineData("more ports than follow", PortCountAt, 3)]
    [InlineData("port 0", FirstPortAt + 2, 0)]
    [InlineData("no protocol", FirstPortAt, 77)]
    [InlineData("name longer than its field", UsernameLengthAt, 49)]
    [InlineData("name much longer than its field", UsernameLengthAt, 255)]
    [InlineData("name shorter than what follows", UsernameLengthAt, 4)]
    [InlineData("negative stanza", StanzaAt, 0x80)]
    [InlineData("stanza 0", StanzaAt + 3, 0)]
    [InlineData("negative timeout", TimeoutAt, 0xFF)]
    [InlineData("timeout too long", TimeoutAt + 1, 2)]
    [InlineData("byte behind the last port", FirstPortAt + 6, 1)]
    [InlineData("byte behind the name", UsernameLengthAt + 1 + 5, 1)]
    [InlineData("no such kind of forwarding", NatAt, 3)]
    [InlineData("a target without forwarding", NatAt + 1, 1)]
    [InlineData("target longer than its field", NatAt + 1, 128)]
    [InlineData("first byte behind the fields", 442, 1)]
    [InlineData("last byte", GrantFrame.Size - 1, 1)]
    public void Refuses_a_frame_that_is_wrong(string what, int at, byte value)
    {
        byte[] frame = Frame(Granted(Request() with { Ports = [PortSpec.Tcp(22), PortSpec.Tcp(80)] }));
        frame[at] = value;
        Assert.False(GrantFrame.TryRead(frame, out ListenerMessage? message), what);
        Assert.Null(message);
    }

    [Theory]
    [InlineData("command longer than its field", CommandLengthAt, 193)]
    [InlineData("command shorter than what follows", CommandLengthAt, 1)]
    [InlineData("byte behind the command", CommandLengthAt + 3, 1)]
    [InlineData("stanza 0", StanzaAt + 3, 0)]
    [InlineData("name longer than its field", UsernameLengthAt, 49)]
    public void Refuses_a_command_frame_that_is_wrong(string what, int at, byte value)
    {
        byte[] frame = Frame(Commanded("id"));
        frame[at] = value;
        Assert.False(GrantFrame.TryRead(frame, out _), what);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 70)]
    [InlineData(4, 33)]
    [InlineData(4, 255)]
    [InlineData(2, 78)]
    [InlineData(2, 102)]
    [InlineData(2, 199)]
    public void Refuses_stray_bytes(byte kind, int at)
    {
        byte[] frame = new byte[GrantFrame.Size];
        frame[0] = kind;
        frame[at] = 1;
        Assert.False(GrantFrame.TryRead(frame, out _));
    }

    [Fact]
    public void Refuses_noise()
    {
        Random random = new(20_261_121);
        byte[] frame = new byte[GrantFrame.Size];
        for (int i = 0; i < 100_000; i++)
        {
            random.NextBytes(frame);
            frame[0] = (byte)(1 + (i % 5));
            Assert.False(GrantFrame.TryRead(frame, out _));
        }
    }

    [Fact]
    public void Writes_only_what_fits()
    {
        byte[] frame = new byte[GrantFrame.Size];
        GrantRequest good = Request();
        Assert.Throws<ArgumentException>(() => GrantFrame.Write(
            Granted(good with { Ports = [.. Enumerable.Repeat(PortSpec.Tcp(1), GrantRequest.MaxPorts + 1)] }), frame));
        Assert.Throws<ArgumentException>(() => GrantFrame.Write(Granted(good with { Username = new string('n', 49) }), frame));
        Assert.Throws<ArgumentException>(() => GrantFrame.Write(Commanded(new string('c', 193)), frame));
        Assert.Throws<ArgumentException>(() => GrantFrame.Write(new ListenerMessage.Ready(), new byte[GrantFrame.Size - 1]));
        Assert.Throws<ArgumentException>(() => GrantFrame.Write(new ListenerMessage.Ready(), new byte[GrantFrame.Size + 1]));
    }

    [Fact]
    public void Leaves_nothing_of_an_earlier_frame()
    {
        byte[] frame = Frame(Granted(Request() with { Username = new string('n', 48) }));
        GrantFrame.Write(new ListenerMessage.Ready(), frame);
        Assert.Equal(Frame(new ListenerMessage.Ready()), frame);
    }

    private static ListenerMessage.Granted Granted(GrantRequest request) => new(request);

    private static ListenerMessage.Commanded Commanded(string command) =>
        new(new CommandRequest(7, Packet("10.1.2.3", "10.9.9.9"), "alice", command));

    private static GrantRequest Request() =>
        new(1, Packet("10.1.2.3", "10.9.9.9"), IPAddress.Parse("192.0.2.7"), [PortSpec.Tcp(22)], 30, "alice");

    private static SeenPacket Packet(string source, string destination)
    {
        byte[] digest = [.. Enumerable.Range(1, ReplayDigest.Size).Select(i => (byte)i)];
        PacketOrigin origin = new(
            17, PackedAddress.From(IPAddress.Parse(source)), 40000, PackedAddress.From(IPAddress.Parse(destination)), 62201);
        return new SeenPacket(new ReplayDigest(digest), origin, 1_800_000_000);
    }

    private static byte[] Frame(ListenerMessage message)
    {
        byte[] frame = new byte[GrantFrame.Size];
        GrantFrame.Write(message, frame);
        return frame;
    }

    private static string Describe(ListenerMessage message) => message is ListenerMessage.Granted { Request: var request }
        ? $"{request with { Ports = [] }} {string.Join(',', request.Ports)} {Convert.ToHexString(request.Username.Span)} {request.Nat}".Replace("PortSpec[]", "", StringComparison.Ordinal)
        : message.ToString();
}
