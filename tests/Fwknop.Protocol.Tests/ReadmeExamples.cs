using System.Net;
using System.Net.Sockets;
using Fwknop.TestSupport;

namespace Fwknop.Protocol.Tests;

/// <summary>The examples of README.md, compiled and run; the file must hold exactly these lines.</summary>
public sealed class ReadmeExamples
{
    private static ReadOnlySpan<byte> KeyBase64 => "U29tZSBleGFtcGxlIGtleSwgMzIgYnl0ZXMgbG9uZyE="u8;

    private static ReadOnlySpan<byte> HmacKeyBase64 => "QW5vdGhlciBleGFtcGxlIGtleSwgZm9yIHRoZSBITUFDLg=="u8;

    [Fact]
    public void A_packet_that_one_example_sends_is_opened_by_the_other()
    {
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Send(KeyBase64, HmacKeyBase64, (IPEndPoint)receiver.LocalEndPoint!);
        byte[] buffer = new byte[Limits.MaxDatagram];
        int length = receiver.Receive(buffer);

        Assert.Equal("alice asks for tcp/22 for 203.0.113.7", Open(KeyBase64, HmacKeyBase64, buffer.AsSpan(0, length)));
        Assert.Equal("Refused: " + Rejection.HmacMismatch.GetText(), Open(KeyBase64, KeyBase64, buffer.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("make a packet")]
    [InlineData("open a packet")]
    public void The_readme_holds_exactly_these_lines(string name)
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"));
        string source = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "Fwknop.Protocol.Tests", "ReadmeExamples.cs"));
        string code = string.Join('\n', Between(source, $"// example: {name}\n", "// end of example").Trim().Split('\n').Select(Dedent));

        Assert.Equal(code, Between(readme, $"<!-- example: {name} -->\n\n```csharp\n", "\n```\n"));
        Assert.InRange(code.Split('\n').Length, 1, 9);
    }

    private static void Send(ReadOnlySpan<byte> key, ReadOnlySpan<byte> hmacKey, IPEndPoint server)
    {
        // example: make a packet
        using PacketKeys keys = new(EncryptionKey.FromBase64(key), HmacKey.FromBase64(hmacKey));
        SpaMessage message = SpaMessage.Access("alice", DateTimeOffset.UtcNow, IPAddress.Parse("203.0.113.7"), PortSpec.Tcp(22));
        SpaPacket packet = SpaPacket.Seal(message, keys);
        using UdpClient udp = new(server.AddressFamily);
        udp.Send(packet.Bytes.Span, server);
        // end of example
    }

    private static string Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> hmacKey, ReadOnlySpan<byte> datagram)
    {
        // example: open a packet
        using PacketKeys keys = new(EncryptionKey.FromBase64(key), HmacKey.FromBase64(hmacKey));
        if (!SpaPacket.TryOpen(datagram, keys, out AuthenticMessage? opened, out Rejection why))
        {
            return $"Refused: {why.GetText()}"; // for the log; a sender gets no answer
        }

        SpaMessage message = opened.Message; // still to be checked: opened.ReplayDigest, message.Timestamp, the user's rights
        return $"{message.Username} asks for {string.Join(", ", message.Ports)} for {message.AllowAddress}";
        // end of example
    }

    private static string Dedent(string line) => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line;

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"'{start}' is missing");
        from += start.Length;
        int to = text.IndexOf(end, from, StringComparison.Ordinal);
        Assert.True(to >= 0, $"'{end}' is missing");
        return text[from..to];
    }
}
