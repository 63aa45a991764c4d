using System.Net;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13.2 and 14: dumps to the letter, the saved packet.</summary>
public sealed class OutputTests
{
    private static readonly string[] Ordinary =
        ["--no-rc-file", "-D", "srv", "-a", "192.0.2.7", "-A", "tcp/22", "-U", "alice", "--key-rijndael", "k", "--key-hmac", "h"];

    [Fact]
    public void Dump_of_a_test_run()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-T", "-v", "-N", "10.0.0.5:80", "-f", "60", "-S", "4000", "-p", "5000"]);
        string random = run.Field("Random Value");
        string digest = run.Field("SPA Data Digest");
        string hmac = run.Field("HMAC");
        string data = run.Field("Final SPA Data");
        string Fields(string finalData) => $"""
            SPA Field Values:
            =================
               Random Value: {random}
                   Username: alice
                  Timestamp: 1700000000
                FKO Version: 3.0.0
               Message Type: 4 (Client timeout NAT access msg)
             Message String: 192.0.2.7,tcp/22
                 Nat Access: 10.0.0.5,80
                Server Auth: <NULL>
             Client Timeout: 60
                Digest Type: 3 (SHA256)
                  HMAC Type: 3 (SHA256)
            Encryption Type: 1 (Rijndael)
            Encryption Mode: 2 (CBC)
               Encoded Data: {random}:YWxpY2U:1700000000:3.0.0:4:MTkyLjAuMi43LHRjcC8yMg:MTAuMC4wLjUsODA:60
            SPA Data Digest: {digest}
                       HMAC: {hmac}
             Final SPA Data: {finalData}

            """;
        string expected = $"""
            {Fields(data)}
            Local time: 2023-11-15 03:58:20 +05:45 (Test/Zone)
            Generating SPA packet:
                        protocol: udp
                     source port: 4000
                destination port: 5000
                         IP/host: srv
            test mode enabled, SPA packet not actually sent.
            send_spa_packet: bytes sent: 0

            Dump of the Decoded Data
            {Fields(data[..^hmac.Length])}

            """;
        Assert.Equal((0, expected, ""), (run.Status, run.Output, run.Error));
        Assert.EndsWith(hmac, data, StringComparison.Ordinal);
        Assert.Matches("^[0-9]{16}$", random);
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Verbose_send()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-v"]);
        Assert.EndsWith(
            $"""

            Generating SPA packet:
                        protocol: udp
                     source port: <OS assigned>
                destination port: 62201
                         IP/host: srv
            send_spa_packet: address of srv: 192.0.2.1
            send_spa_packet: bytes sent: {client.Sender.Packet.Length}

            """,
            run.Output,
            StringComparison.Ordinal);
        Assert.Equal(run.Field("Final SPA Data"), Encoding.ASCII.GetString(client.Sender.Packet));
    }

    [Fact]
    public void Plain_send_says_nothing()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-p", "7", "-S", "9"]);
        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        SentPacket sent = Assert.Single(client.Sender.Sent);
        Assert.Equal((TransportKind.Datagram, new IPEndPoint(FakeSender.Default, 7), 9), (sent.Kind, sent.Target, sent.SourcePort));
    }

    [Fact]
    public void Without_hmac_the_send_is_warned_of()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--no-rc-file", "-D", "srv", "-s", "-A", "tcp/22", "--key-rijndael", "k");
        Assert.Equal(0, run.Status);
        Assert.StartsWith("[-] WARNING: Sending without HMAC.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_send()
    {
        using ClientHarness client = new();
        client.Sender.LookupProblem = "Name or service not known";
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(
            (1, "", "error in getaddrinfo: Name or service not known\n[*] The host is 'srv'.\nsend_spa_packet: packet not sent.\n"), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void Saved_packets_are_for_their_owner()
    {
        using ClientHarness client = new();
        string path = client.Write("packet", "old\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        string first = client.Run([.. Ordinary, "-T", "-B", path]).Field("Final SPA Data");
        Assert.Equal(first + "\n", File.ReadAllText(path));
        string second = client.Run([.. Ordinary, "-T", "-b", "-B", path]).Field("Final SPA Data");
        Assert.Equal($"{first}\n{second}\n", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Packet_that_cannot_be_saved_is_sent_all_the_same()
    {
        using ClientHarness client = new();
        string path = client.Path("none/packet");
        ClientRunResult run = client.Run([.. Ordinary, "-B", path]);
        Assert.Equal((0, $"write_spa_packet_data: {path}: No such file or directory\n"), (run.Status, run.Error));
        Assert.Single(client.Sender.Sent);
    }

    [Fact]
    public void Every_digest_hmac_and_mode_opens_with_the_library()
    {
        EncryptionMode[] modes = [EncryptionMode.Cbc, EncryptionMode.Ecb, EncryptionMode.Cfb, EncryptionMode.Ofb, EncryptionMode.Ctr];
        foreach (DigestType digest in Enum.GetValues<DigestType>())
        {
            EncryptionMode mode = modes[(int)digest % modes.Length];
            using ClientHarness client = new();
            ClientRunResult run = client.Run(
                [.. Ordinary, "-m", AlgorithmNames.GetName(digest), "--hmac-digest-type", AlgorithmNames.GetName(digest), "-M", AlgorithmNames.GetName(mode)]);
            Assert.Equal(0, run.Status);
            using PacketKeys keys = new(EncryptionKey.FromBytes("k"u8), HmacKey.FromBytes("h"u8), (HmacType)digest, mode);
            Assert.True(SpaPacket.TryOpen(client.Sender.Packet, keys, out AuthenticMessage? message, out Rejection why), $"{digest}: {why}");

            // Two digests have the same length; the reader tells them apart by their value.
            Assert.Equal(digest, message!.DigestType);
        }
    }
}
