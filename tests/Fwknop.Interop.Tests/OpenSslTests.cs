using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>What a packet is made of, shown by a program that knows nothing of fwknop (client.md 21, protocol.md 4.3).</summary>
public sealed class OpenSslTests
{
    /// <summary>The base64 of <c>Salted__</c>, which packets leave out.</summary>
    private const string Prefix = "U2FsdGVkX1";

    [ProgramTheory("openssl")]
    [InlineData(EncryptionMode.Cbc, "-aes-256-cbc")]
    [InlineData(EncryptionMode.Ecb, "-aes-256-ecb")]
    [InlineData(EncryptionMode.Cfb, "-aes-256-cfb")]
    [InlineData(EncryptionMode.Ofb, "-aes-256-ofb")]
    [InlineData(EncryptionMode.Ctr, "-aes-256-ctr")]
    public void Opens_with_openssl(EncryptionMode mode, string cipher)
    {
        using TemporaryFolder folder = new();
        using PacketKeys keys = new(EncryptionKey.FromBytes("abc"u8), null, HmacType.Sha256, mode);
        SpaMessage message = SpaMessage.Access("alice", DateTimeOffset.UtcNow, null, PortSpec.Tcp(22));
        string text = Prefix + SpaPacket.Seal(message, keys, DigestType.Sha256);
        string file = folder.FilePath("packet");
        File.WriteAllBytes(file, Convert.FromBase64String(text + new string('=', (4 - (text.Length % 4)) % 4)));

        ProcessRun run = ProcessRun.Run(new ProcessCommand("openssl", "enc", "-d", cipher, "-md", "md5", "-pass", "pass:abc", "-in", file));

        string request = Convert.ToBase64String(Encoding.ASCII.GetBytes("0.0.0.0,tcp/22")).TrimEnd('=');
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.StartsWith($"{message.RandomValue}:{Convert.ToBase64String("alice"u8).TrimEnd('=')}:{message.Timestamp}:3.0.0:1:{request}:", run.Output, StringComparison.Ordinal);
    }
}
