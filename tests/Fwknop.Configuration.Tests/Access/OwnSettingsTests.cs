using System.Text;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>Variables that the reference does not have.</summary>
public class OwnSettingsTests
{
    private const string Keys = "SOURCE ANY\nKEY abc\nREQUIRE_SOURCE Y\n";

    [Fact]
    public void ReadsThem()
    {
        AccessStanza stanza = AccessFileTests.One(
            Keys + "STANZA_NAME alice.laptop_2-x\nACCESS_HOURS Mon-Fri 08:00-18:00\nNOTIFY_CMD /bin/tell\nTOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nTOTP_DIGITS 8\nTOTP_PERIOD 60\n"
            + "GRANT_PREFIX 24,64\nOPEN_PORTS tcp/22, udp/60000-60010\nALLOW_NO_PORTS Y\n");

        Assert.Equal(("alice.laptop_2-x", "Mon-Fri 08:00-18:00", "24,64", true), (stanza.Name, stanza.Schedule!.Text, stanza.Prefix.ToString(), stanza.AllowsNoPorts));
        Assert.Equal((8, 60), (stanza.Totp!.Digits, stanza.Totp.Period));
        Assert.Equal("12345678901234567890", SecretOf(stanza));
        Assert.Equal(12, stanza.OpenPorts!.Items.Count);
        Assert.DoesNotContain("GEZD", stanza.Totp.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void LeavesThemOff()
    {
        AccessStanza stanza = AccessFileTests.One(Keys);

        Assert.True(stanza.Name is null && stanza.Schedule is null && stanza.NotifyCommand is null && stanza.Totp is null && !stanza.AllowsNoPorts);
        TotpRules totp = AccessFileTests.One(Keys + "TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY\n").Totp!;
        Assert.Equal((6, 30), (totp.Digits, totp.Period));
    }

    [Theory]
    [InlineData("gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "12345678901234567890")]
    [InlineData("GEZD GNBV GY3T-QOJQ GEZD GNBV GY3T QOJQ", "12345678901234567890")]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====", "12345678901234567890")]
    [InlineData("GEZDGNBVGY3TQOJQGEZDGNBVGY======", "1234567890123456")]
    public void ReadsBase32(string text, string expected) => Assert.Equal(expected, SecretOf(AccessFileTests.One($"{Keys}TOTP_SECRET {text}\n")));

    [Theory]
    [InlineData("", "")]
    [InlineData("MY", "f")]
    [InlineData("MZXQ", "fo")]
    [InlineData("MZXW6", "foo")]
    [InlineData("MZXW6YQ", "foob")]
    [InlineData("MZXW6YTB", "fooba")]
    [InlineData("MZXW6YTBOI", "foobar")]
    [InlineData("M", null)]
    [InlineData("MZX", null)]
    [InlineData("MZXW6Y", null)]
    [InlineData("M1", null)]
    [InlineData("M=", null)]
    [InlineData("M8", null)]
    public void DecodesAsTheStandardSays(string text, string? expected)
    {
        // RFC 4648, section 10.
        byte[] bytes = new byte[text.Length];
        bool isGood = Base32.TryDecode(Encoding.ASCII.GetBytes(text), bytes, out int length);

        Assert.Equal(expected, isGood ? Encoding.ASCII.GetString(bytes, 0, length) : null);
    }

    [Fact]
    public void NamesAreUnique()
    {
        const string Named = Keys + "STANZA_NAME a\n";

        Loaded<AccessPolicy> loaded = AccessFileTests.Parse(Named + Named + Keys + "STANZA_NAME A\n" + Named);

        Assert.Equal(
            [(5, "[*] STANZA_NAME 'a' is taken by an earlier stanza: 'ANY'"), (13, "[*] STANZA_NAME 'a' is taken by an earlier stanza: 'ANY'")],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => (item.Line, item.Text)));
    }

    [Theory]
    [InlineData("GRANT_PREFIX 24", null)]
    [InlineData("OPEN_PORTS tcp/22\nALLOW_NO_PORTS Y", null)]
    [InlineData("STANZA_NAME x\nOPEN_PORTS tcp/1-9, udp/*\nRESTRICT_PORTS *", null)]
    [InlineData("GRANT_PREFIX 32,128", null)]
    public void WhatTheDaemonCannotDoYetIsRefusedWhereItIsAskedFor(string lines, string? keyword)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("access.conf", Keys + lines);

        Loaded<AccessPolicy> loaded = AccessFileTests.Load(path);

        int line = 3 + lines.Split('\n').Length;
        ConfigDiagnostic[] expected = keyword is null ? [] : [new ConfigDiagnostic(path, line, ConfigSeverity.Error, $"[*] {keyword} is not supported yet")];
        Assert.Equal(expected, loaded.Diagnostics);
    }

    private static string SecretOf(AccessStanza stanza)
    {
        byte[] bytes = new byte[stanza.Totp!.Secret.Length];
        stanza.Totp.Secret.CopyTo(bytes);
        return Encoding.ASCII.GetString(bytes);
    }
}
