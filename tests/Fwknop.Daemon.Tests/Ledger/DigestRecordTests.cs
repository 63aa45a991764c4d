using System.Buffers;
using System.Text;
using Fwknop.Daemon.Ledger;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Ledger;

/// <summary>The classic format (server.md 7.1). Rows marked "observed" were read by fwknopd 2.6.11, too.</summary>
public sealed class DigestRecordTests
{
    private const string Digest = "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No";
    private const string Example = Digest + " 17 10.77.0.2 58928 10.77.0.1 62201 1795284547";

    [Fact]
    public void Reads_and_writes_the_example()
    {
        Assert.True(TryParse(Example, out SeenPacket packet));
        Assert.Equal(Digest, packet.Digest.ToString());
        Assert.Equal(17, packet.Origin.Protocol);
        Assert.Equal("10.77.0.2", packet.Origin.Source.ToString());
        Assert.Equal(58928, packet.Origin.SourcePort);
        Assert.Equal("10.77.0.1", packet.Origin.Destination.ToString());
        Assert.Equal(62201, packet.Origin.DestinationPort);
        Assert.Equal(1795284547, packet.ReceivedAt);
        Assert.Equal(Example + "\n", Line(packet));
    }

    [Theory]
    [InlineData("tabs (observed)", Digest + "\t17\t10.77.0.2 58928 10.77.0.1 62201 1795284547")]
    [InlineData("blanks in front (observed)", "  " + Example)]
    [InlineData("carriage return (observed)", Example + "\r")]
    [InlineData("more words (observed)", Example + " and more")]
    [InlineData("several blanks", Digest + "   17 10.77.0.2  58928 10.77.0.1 62201 1795284547  ")]
    public void Reads_what_fwknopd_reads(string what, string line)
    {
        Assert.True(TryParse(line, out SeenPacket packet), what);
        Assert.Equal(Example + "\n", Line(packet));
    }

    [Theory]
    [InlineData("IPv6", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 fd77::2 58928 fd77::1 62201 1795284547")]
    [InlineData("ICMP", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 1 10.77.0.2 0 10.77.0.1 0 1795284547")]
    [InlineData("UDP server of fwknopd", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 10.77.0.2 58928 0.0.0.0 62201 1795284547")]
    [InlineData("beginning of time", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 10.77.0.2 1 10.77.0.1 65535 0")]
    public void Writes_what_it_reads(string what, string line)
    {
        Assert.True(TryParse(line, out SeenPacket packet), what);
        Assert.Equal(line + "\n", Line(packet));
    }

    [Theory]
    [InlineData("6 fields (observed)", Digest + " 17 10.77.0.2 58928 10.77.0.1 62201")]
    [InlineData("no fields", " ")]
    [InlineData("text", "not a record")]
    [InlineData("cut short in the digest", "Ge1OAKuMbBs45HPKcqgxuMm")]
    [InlineData("short digest", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+N 17 10.77.0.2 58928 10.77.0.1 62201 1795284547")]
    [InlineData("digest with a foreign letter", "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi-No 17 10.77.0.2 58928 10.77.0.1 62201 1795284547")]
    [InlineData("protocol that is no number (observed)", Digest + " x 10.77.0.2 58928 10.77.0.1 62201 1795284547")]
    [InlineData("protocol too high", Digest + " 256 10.77.0.2 58928 10.77.0.1 62201 1795284547")]
    [InlineData("half an address (observed)", Digest + " 17 10.77.0.x 58928 10.77.0.1 62201 1795284547")]
    [InlineData("bad destination", Digest + " 17 10.77.0.2 58928 nowhere 62201 1795284547")]
    [InlineData("port too high", Digest + " 17 10.77.0.2 65536 10.77.0.1 62201 1795284547")]
    [InlineData("negative port", Digest + " 17 10.77.0.2 58928 10.77.0.1 -1 1795284547")]
    [InlineData("time that is no number", Digest + " 17 10.77.0.2 58928 10.77.0.1 62201 now")]
    [InlineData("time beyond the calendar", Digest + " 17 10.77.0.2 58928 10.77.0.1 62201 9223372036854775807")]
    public void Refuses(string what, string line) => Assert.False(TryParse(line, out _), what);

    [Theory]
    [InlineData("# comment", true)]
    [InlineData("; comment", true)]
    [InlineData("", true)]
    [InlineData("\r", true)]
    [InlineData(" # not at the beginning", false)]
    [InlineData(Example, false)]
    public void Knows_comments(string line, bool expected) =>
        Assert.Equal(expected, DigestRecord.IsComment(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void Has_the_header_of_fwknopd() =>
        Assert.Equal("# <digest> <proto> <src_ip> <src_port> <dst_ip> <dst_port> <time>\n", Encoding.ASCII.GetString(DigestRecord.Header));

    private static bool TryParse(string line, out SeenPacket packet) => DigestRecord.TryParse(Encoding.UTF8.GetBytes(line), out packet);

    private static string Line(SeenPacket packet)
    {
        ArrayBufferWriter<byte> buffer = new();
        DigestRecord.Append(packet, buffer);
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }
}
