using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>access.conf, server.md 4.</summary>
public class AccessFileTests
{
    private const string Secret = "s3cretOfThe";
    private const string Keys = "KEY " + Secret + "Key\nHMAC_KEY " + Secret + "Hmac\nREQUIRE_SOURCE_ADDRESS Y\n";
    private const string Good = "SOURCE ANY\n" + Keys;

    [Fact]
    public void ReadsAStanzaWithEverything()
    {
        AccessStanza stanza = One("""
            # who
            SOURCE: 10.0.0.0/8, 2001:db8::/32;
            DESTINATION 10.0.0.1
            OPEN_PORTS tcp/22, udp/53
            RESTRICT_PORTS tcp/23
            KEY_BASE64 YWJj
            HMAC_KEY_BASE64 YWJjZGVm
            HMAC_DIGEST_TYPE SHA512
            ENCRYPTION_MODE ctr
            FW_ACCESS_TIMEOUT 60
            MAX_FW_TIMEOUT 600
            REQUIRE_USERNAME joe
            REQUIRE_SOURCE Y
            ACCESS_EXPIRE_EPOCH 2000000000
            """);

        Assert.Equal((1, "a.conf", 2), (stanza.Number, stanza.File, stanza.Line));
        Assert.True(stanza.Source.Contains(IPAddress.Parse("2001:db8::5")));
        Assert.Equal("10.0.0.1", stanza.Destination!.Text);
        Assert.Equal([PortSpec.Tcp(22), PortSpec.Udp(53)], stanza.OpenPorts!.Items);
        Assert.Equal([PortSpec.Tcp(23)], stanza.RestrictPorts!.Items);
        Assert.Equal(("abc", true), (Reveal(stanza.Keys.EncryptionKey), stanza.EncryptionKeyIsBase64));
        Assert.Equal(("abcdef", true), (Reveal(stanza.Keys.HmacKey!), stanza.HmacKeyIsBase64));
        Assert.Equal((HmacType.Sha512, EncryptionMode.Ctr), (stanza.Keys.HmacType, stanza.Keys.Mode));
        Assert.Equal((60, 600, "joe", true), (stanza.FwAccessTimeout, stanza.MaxFwTimeout, stanza.RequireUsername, stanza.RequireSourceAddress));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(2000000000), stanza.AccessExpire);
    }

    [Fact]
    public void FillsInDefaults()
    {
        AccessStanza stanza = One("SOURCE ANY\nKEY abc\nFW_ACCESS_TIMEOUT 0\nMAX_FW_TIMEOUT 0\nREQUIRE_SOURCE_ADDRESS N\nHMAC_KEY def");

        Assert.Equal((30, 300), (stanza.FwAccessTimeout, stanza.MaxFwTimeout));
        Assert.Equal((HmacType.Sha256, EncryptionMode.Cbc), (stanza.Keys.HmacType, stanza.Keys.Mode));
        Assert.True(stanza.OpenPorts is null && stanza.RestrictPorts is null && stanza.Destination is null && stanza.AccessExpire is null);
        Assert.False(stanza.RequireSourceAddress || stanza.EncryptionKeyIsBase64);
    }

    [Theory]
    [InlineData("text", "KEY a b c", "a b c")]
    [InlineData("trailing blanks are trimmed (Q31)", "KEY abc \t", "abc")]
    [InlineData("semicolon ends the key", "KEY abc;", "abc")]
    [InlineData("hash is part of the key", "KEY a#c", "a#c")]
    [InlineData("UTF-8", "KEY käse", "käse")]
    [InlineData("the last one wins", "KEY abc\nKEY_BASE64 ZGVm", "def")]
    [InlineData("the last one wins the other way", "KEY_BASE64 ZGVm\nKEY abc", "abc")]
    [InlineData("colon after the name", "KEY: abc", "abc")]
    [InlineData("colon in the key", "KEY a:c", "a:c")]
    [InlineData("base64 without padding", "KEY_BASE64 YWI", "ab")]
    [InlineData("changeme with more", "KEY __CHANGEME__x", "__CHANGEME__x")]
    [InlineData("32 bytes", "KEY 12345678901234567890123456789012", "12345678901234567890123456789012")]
    [InlineData("legacy cuts to 16", "ENCRYPTION_MODE legacy\nKEY 1234567890123456X", "1234567890123456")]
    [InlineData("legacy after the key, key over 32", "KEY 1234567890123456789012345678901234567890\nENCRYPTION_MODE legacy", "1234567890123456")]
    public void ReadsKeys(string name, string lines, string expected) =>
        Assert.Equal((name, expected), (name, Reveal(One("SOURCE ANY\n" + lines).Keys.EncryptionKey)));

    [Fact]
    public void ReadsKeysOfAnyBytes()
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse([.. "SOURCE ANY\nKEY "u8, 0xFF, 0x01, 0xE9, (byte)'\n'], "a.conf", TimeZoneInfo.Utc);

        Span<byte> bytes = stackalloc byte[3];
        loaded.Value!.Stanzas[0].Keys.EncryptionKey.CopyTo(bytes);
        Assert.Equal([0xFF, 0x01, 0xE9], bytes.ToArray());
    }

    [Theory]
    [InlineData("KEY __CHANGEME__", 3, "[*] KEY value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY __changeme__", 3, "[*] KEY value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY_BASE64 __CHANGEME__", 3, "[*] KEY_BASE64 value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("HMAC_KEY __CHANGEME__", 3, "[*] HMAC_KEY value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("HMAC_KEY_BASE64 __CHANGEME__\nKEY x", 3, "[*] HMAC_KEY_BASE64 value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY_BASE64 a-b", 3, "[*] KEY_BASE64 argument doesn't look like base64-encoded data.")]
    [InlineData("KEY x\nHMAC_KEY_BASE64 a b", 4, "[*] HMAC_KEY_BASE64 argument doesn't look like base64-encoded data.")]
    [InlineData("KEY x\nGPG_DECRYPT_PW __CHANGEME__", 4, "[*] GPG_DECRYPT_PW value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY x\nTOTP_SECRET __CHANGEME__", 4, "[*] TOTP_SECRET value is not properly set in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY x\nTOTP_SECRET ABCDEFG1", 4, "[*] TOTP_SECRET argument doesn't look like base32-encoded data.")]
    [InlineData("KEY x\nTOTP_SECRET MZXW6YTBMZXW6YTBMZXW6YTB", 4, "[*] TOTP_SECRET value is shorter than 16 bytes in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY 123456789012345678901234567890123", 3, "[*] KEY value is longer than 32 bytes in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("KEY x\nHMAC_KEY_BASE64 =", 4, "[*] HMAC_KEY_BASE64 value is empty in stanza source 'ANY' in access file: 'a.conf'")]
    public void RefusesKeys(string lines, int line, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse("#\nSOURCE ANY\n" + lines);

        Assert.True(loaded.HasErrors);
        Assert.Contains(new ConfigDiagnostic("a.conf", line, ConfigSeverity.Error, expected), loaded.Diagnostics);
        Assert.Equal(
            [expected, "[*] Data error in access file: 'a.conf'"],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).OrderByDescending(item => item.Line).Select(item => item.Text));
    }

    [Theory]
    [InlineData("no key", "SOURCE 1.2.3.4", "[*] No keys found for access stanza source: '1.2.3.4'")]
    [InlineData("HMAC key alone", "SOURCE ANY\nHMAC_KEY x", "[*] No keys found for access stanza source: 'ANY'")]
    [InlineData("empty base64", "SOURCE ANY\nKEY_BASE64 =", "[*] No keys found for access stanza source: 'ANY'")]
    [InlineData("GPG without a way to decrypt", "SOURCE ANY\nGPG_DECRYPT_ID x", "[*] No keys found for access stanza source: 'ANY'")]
    [InlineData("GPG passphrase as HMAC key", "SOURCE ANY\nGPG_DECRYPT_PW abc\nGPG_REMOTE_ID 12345678\nHMAC_KEY abc", "[*] The encryption passphrase and HMAC key should not be identical for access stanza source: 'ANY'")]
    [InlineData("mode without GPG", "SOURCE ANY\nKEY abc\nENCRYPTION_MODE Asymmetric", "[*] ENCRYPTION_MODE Asymmetric needs GPG_DECRYPT_PW or GPG_ALLOW_NO_PW Y in stanza source 'ANY'")]
    [InlineData("no ports of many", "SOURCE ANY\nKEY abc\nOPEN_PORTS tcp/*\nRESTRICT_PORTS tcp/1, tcp/3, tcp/5, tcp/7, tcp/9, tcp/11, tcp/13, tcp/15, tcp/17, tcp/19, tcp/21, tcp/23, tcp/25, tcp/27, tcp/29, tcp/31, tcp/33, tcp/35, tcp/37, tcp/39, tcp/41, tcp/43, tcp/45, tcp/47, tcp/49, tcp/51, tcp/53, tcp/55, tcp/57, tcp/59, tcp/61, tcp/63, tcp/65\nALLOW_NO_PORTS Y", "[*] ALLOW_NO_PORTS needs OPEN_PORTS with at most 32 ports or ranges in stanza source 'ANY'")]
    [InlineData("no ports of any", "SOURCE ANY\nKEY abc\nALLOW_NO_PORTS Y", "[*] ALLOW_NO_PORTS needs OPEN_PORTS with at most 32 ports or ranges in stanza source 'ANY'")]
    [InlineData("no ports of none", "SOURCE ANY\nKEY abc\nOPEN_PORTS tcp/22\nRESTRICT_PORTS tcp/*\nALLOW_NO_PORTS Y", "[*] ALLOW_NO_PORTS has nothing to open: RESTRICT_PORTS has all of OPEN_PORTS in stanza source 'ANY'")]
    [InlineData("no port for a command", "SOURCE ANY\nKEY abc\nOPEN_PORTS tcp/22-23\nALLOW_NO_PORTS Y\nCMD_CYCLE_OPEN x $PORT\nCMD_CYCLE_CLOSE NONE", "[*] ALLOW_NO_PORTS with CMD_CYCLE_OPEN needs OPEN_PORTS with exactly one port in stanza source 'ANY'")]
    [InlineData("identical keys", "SOURCE ANY\nKEY abc\nHMAC_KEY_BASE64 YWJj", "[*] The encryption passphrase and HMAC key should not be identical for access stanza source: 'ANY'")]
    [InlineData("identical after cutting", "SOURCE ANY\nENCRYPTION_MODE legacy\nKEY 1234567890123456X\nHMAC_KEY 1234567890123456", "[*] The encryption passphrase and HMAC key should not be identical for access stanza source: 'ANY'")]
    public void RefusesStanzas(string name, string text, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse(text);

        Assert.Contains((name, expected, 1), loaded.Diagnostics.Select(item => (name, item.Text, item.Line)));
        Assert.Contains("[*] Data error in access file: 'a.conf'", loaded.Diagnostics.Select(item => item.Text));
        Assert.True(loaded.HasErrors);
    }

    [Fact]
    public void RefusesALongHmacKey()
    {
        Assert.False(Parse("SOURCE ANY\nKEY x\nHMAC_KEY " + new string('h', 128)).HasErrors);
        Assert.Contains(
            "[*] HMAC_KEY value is longer than 128 bytes in stanza source 'ANY' in access file: 'a.conf'",
            Parse("SOURCE ANY\nKEY x\nHMAC_KEY " + new string('h', 129)).Diagnostics.Select(item => item.Text));
        Assert.True(Parse("SOURCE ANY\nKEY x\nHMAC_KEY " + new string('h', 1_000_000)).HasErrors);
    }

    [Theory]
    [InlineData("DESTINATION bar", "[*] Fatal error parsing IP to int for: bar|[*] Fatal invalid DESTINATION in access stanza")]
    [InlineData("OPEN_PORTS tcp22, tcp/0", "[*] Parse error on access port entry: tcp22|[*] Invalid port 'tcp/0' in access request, must be in [1,65535]|[*] Fatal invalid OPEN_PORTS in access stanza")]
    [InlineData("RESTRICT_PORTS icmp/1", "[*] Invalid protocol in access port entry: icmp/1|[*] Fatal invalid RESTRICT_PORTS in access stanza")]
    [InlineData("HMAC_DIGEST_TYPE x", "[*] HMAC_DIGEST_TYPE argument 'x' must be one of {md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}")]
    [InlineData("ENCRYPTION_MODE PCBC", "[*] Unrecognized ENCRYPTION_MODE 'PCBC', use {CBC,CTR,legacy,Asymmetric}")]
    [InlineData("FW_ACCESS_TIMEOUT -1", "[*] FW_ACCESS_TIMEOUT value not in range.")]
    [InlineData("FW_ACCESS_TIMEOUT 8388609", "[*] FW_ACCESS_TIMEOUT value not in range.")]
    [InlineData("FW_ACCESS_TIMEOUT 30s", "[*] FW_ACCESS_TIMEOUT value not in range.")]
    [InlineData("MAX_FW_TIMEOUT x", "[*] MAX_FW_TIMEOUT value not in range.")]
    [InlineData("ACCESS_EXPIRE 1-2-2030", "[*] Fatal: invalid date value '1-2-2030' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE 1/2", "[*] Fatal: invalid date value '1/2' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE 1/2/203", "[*] Fatal: invalid date value '1/2/203' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE 1/2/2030 x", "[*] Fatal: invalid date value '1/2/2030 x' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE -1/2/2030", "[*] Fatal: invalid date value '-1/2/2030' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE 1/2/0001", "[*] Fatal: invalid date value '1/2/0001' (need MM/DD/YYYY) for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE_EPOCH soon", "[*] Fatal: invalid epoch seconds value 'soon' for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE_EPOCH -3", "[*] Fatal: invalid epoch seconds value '-3' for access stanza expiration time")]
    [InlineData("ACCESS_EXPIRE_EPOCH 99999999999999", "[*] Fatal: invalid epoch seconds value '99999999999999' for access stanza expiration time")]
    [InlineData("CMD_CYCLE_TIMER 0", "[*] CMD_CYCLE_TIMER value not in range [1,8388608].")]
    [InlineData("FORCE_NAT 1.2.3.4", "[*] Fatal: invalid FORCE_NAT arg '1.2.3.4', need <IP> <PORT>")]
    [InlineData("FORCE_NAT host 22", "[*] Fatal: invalid FORCE_NAT IP 'host'")]
    [InlineData("FORCE_NAT 1.2.3.4 x", "[*] Fatal: invalid FORCE_NAT port 'x'")]
    [InlineData("FORCE_NAT 0.0.0.0 22", "[*] Fatal: invalid FORCE_NAT IP '0.0.0.0'")]
    [InlineData("FORCE_NAT 127.0.0.1 22", "[*] Fatal: invalid FORCE_NAT IP '127.0.0.1'")]
    [InlineData("FORCE_NAT 169.254.169.254 22", "[*] Fatal: invalid FORCE_NAT IP '169.254.169.254'")]
    [InlineData("FORCE_NAT 224.0.0.1 22", "[*] Fatal: invalid FORCE_NAT IP '224.0.0.1'")]
    [InlineData("FORCE_NAT 255.255.255.255 22", "[*] Fatal: invalid FORCE_NAT IP '255.255.255.255'")]
    [InlineData("FORCE_NAT :: 22", "[*] Fatal: invalid FORCE_NAT IP '::'")]
    [InlineData("FORCE_NAT ::1 22", "[*] Fatal: invalid FORCE_NAT IP '::1'")]
    [InlineData("FORCE_NAT fe80::1 22", "[*] Fatal: invalid FORCE_NAT IP 'fe80::1'")]
    [InlineData("FORCE_NAT fec0::1 22", "[*] Fatal: invalid FORCE_NAT IP 'fec0::1'")]
    [InlineData("FORCE_NAT ff02::1 22", "[*] Fatal: invalid FORCE_NAT IP 'ff02::1'")]
    [InlineData("FORCE_NAT ::ffff:102:304 22", "[*] Fatal: invalid FORCE_NAT IP '::ffff:102:304'")]
    [InlineData("NAT_TARGETS 10.0.0.5 22, host", "[*] Parse error on access port entry: 22|[*] Fatal error parsing IP to int for: host|[*] Fatal invalid NAT_TARGETS in access stanza")]
    [InlineData("FORCE_SNAT 127.0.0.1", "[*] Fatal: invalid FORCE_SNAT IP '127.0.0.1'")]
    [InlineData("FORCE_NAT ::ffff:1.2.3.4 22", "[*] Fatal: invalid FORCE_NAT IP '::ffff:1.2.3.4'")]
    [InlineData("FORCE_NAT 010.0.0.1 22", "[*] Fatal: invalid FORCE_NAT IP '010.0.0.1'")]
    [InlineData("FORCE_NAT 1.2.3.4 65536", "[*] Fatal: invalid FORCE_NAT port '65536'")]
    [InlineData("FORCE_NAT 1.2.3.4 22 icmp", "[*] Fatal: invalid FORCE_NAT requested port 'icmp', need tcp, udp or a port such as tcp/22")]
    [InlineData("FORCE_NAT 1.2.3.4 22 tcp/80-90", "[*] Fatal: invalid FORCE_NAT requested port 'tcp/80-90', need tcp, udp or a port such as tcp/22")]
    [InlineData("FORCE_SNAT x y", "[*] Fatal: invalid FORCE_SNAT arg 'x y', need <IP>")]
    [InlineData("FORCE_SNAT x", "[*] Fatal: invalid FORCE_SNAT IP 'x'")]
    [InlineData("CMD_EXEC_USER nobody-here", "[*] Unable to determine UID for CMD_EXEC_USER: Not a user on this system.")]
    [InlineData("CMD_EXEC_GROUP nobody-here", "[*] Unable to determine GID for CMD_EXEC_GROUP: Not a group on this system.")]
    [InlineData("CMD_SUDO_EXEC_USER nobody-here", "[*] Unable to determine UID for CMD_SUDO_EXEC_USER: Not a user on this system.")]
    [InlineData("CMD_SUDO_EXEC_GROUP nobody-here", "[*] Unable to determine GID for CMD_SUDO_EXEC_GROUP: Not a group on this system.")]
    [InlineData("GPG_HOME_DIR /nowhere", "[*] GPG_HOME_DIR directory '/nowhere' stat()/existence problem in stanza source 'ANY' in access file: 'a.conf'")]
    [InlineData("GPG_EXE gpg", "[*] GPG_EXE 'gpg' is not an absolute path")]
    [InlineData("GPG_REMOTE_ID 12345678, ABCD", "[*] Invalid GPG_REMOTE_ID entry 'ABCD', need 8, 16 or 40 hexadecimal digits")]
    [InlineData("GPG_REMOTE_ID 1234567G", "[*] Invalid GPG_REMOTE_ID entry '1234567G', need 8, 16 or 40 hexadecimal digits")]
    [InlineData("GPG_FINGERPRINT_ID 12345678", "[*] Invalid GPG_FINGERPRINT_ID entry '12345678', need 40 hexadecimal digits")]
    [InlineData("%include x", "[*] Could not open access file: x: No such file or directory")]
    [InlineData("%include_folder x", "[*] Access folder: 'x' could not be opened.")]
    [InlineData("%include a\u0007b", "[*] %include value holds control characters or is not UTF-8")]
    [InlineData("STANZA_NAME a b", "[*] STANZA_NAME must be 1 to 64 letters, digits or ._-")]
    [InlineData("STANZA_NAME 12345678901234567890123456789012345678901234567890123456789012345", "[*] STANZA_NAME must be 1 to 64 letters, digits or ._-")]
    [InlineData("ACCESS_HOURS Mon, Tue 08:00-09:00", "[*] Invalid ACCESS_HOURS entry 'Mon', need for example Mon-Fri 08:00-18:00")]
    [InlineData("TOTP_DIGITS 9", "[*] TOTP_DIGITS value not in range [6,8].")]
    [InlineData("TOTP_PERIOD 14", "[*] TOTP_PERIOD value not in range [15,300].")]
    [InlineData("GRANT_PREFIX 7", "[*] Invalid GRANT_PREFIX '7', need an IPv4 prefix length (8-32), or with it one for IPv6 (32-128): 24,64")]
    [InlineData("OPEN_PORTS tcp/22GPG_DECRYPT_PW " + Secret, "[*] 'OPEN_PORTS' is followed by a key on the same line in a.conf at line 5")]
    [InlineData("STANZA_NAME aTOTP_SECRET " + Secret, "[*] 'STANZA_NAME' is followed by a key on the same line in a.conf at line 5")]
    [InlineData("REQUIRE_USERNAME a\u0007b", "[*] REQUIRE_USERNAME value holds control characters or is not UTF-8")]
    [InlineData("OPEN_PORTS", "[*] Invalid access file entry in a.conf at line 5.")]
    [InlineData(" ", "[*] Invalid access file entry in a.conf at line 5.")]
    [InlineData("KEY_BASE64=" + Secret, "[*] Invalid access file entry in a.conf at line 5.")]
    [InlineData("OPEN_PORTS tcp/22KEY " + Secret, "[*] 'OPEN_PORTS' is followed by a key on the same line in a.conf at line 5")]
    [InlineData("REQUIRE_USERNAME KEYHMAC_KEY_BASE64:\t" + Secret, "[*] 'REQUIRE_USERNAME' is followed by a key on the same line in a.conf at line 5")]
    [InlineData("KEY " + Secret + "\0", "[*] NUL byte or stray carriage return in a.conf at line 5.")]
    [InlineData("KEY a\rOPEN_PORTS tcp/22", "[*] NUL byte or stray carriage return in a.conf at line 5.")]
    public void RefusesLines(string line, string expected)
    {
        Loaded<AccessPolicy> loaded = Parse(Good + line);

        Assert.True(loaded.HasErrors);
        Assert.Equal(
            expected.Split('|').Select(text => new ConfigDiagnostic("a.conf", 5, ConfigSeverity.Error, text)),
            loaded.Diagnostics);
    }

    [Fact]
    public void EveryVariableIsTested()
    {
        string source = string.Join('\n', typeof(AccessFileTests).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(AccessFileTests).Namespace)
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributesData())
            .SelectMany(attribute => attribute.ConstructorArguments)
            .Select(argument => argument.Value is IEnumerable<System.Reflection.CustomAttributeTypedArgument> row
                ? string.Join('\n', row.Select(item => item.Value?.ToString()))
                : ""));

        Assert.All(AccessKeywords.ByName.Keys, name => Assert.Contains(name + " ", source, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FORCE_MASQUERADE N", null)]
    [InlineData("FORWARD_ALL N", null)]
    [InlineData("DISABLE_DNAT N", null)]
    [InlineData("ENABLE_CMD_EXEC N", null)]
    [InlineData("ENABLE_CMD_SUDO_EXEC N", null)]
    [InlineData("CMD_CYCLE_TIMER 5", null)]
    [InlineData("GPG_ALLOW_NO_PW N", null)]
    [InlineData("GPG_DISABLE_SIG N", null)]
    [InlineData("GPG_IGNORE_SIG_VERIFY_ERROR N", null)]
    [InlineData("GPG_REQUIRE_SIG Y", null)]
    [InlineData("GPG_DECRYPT_ID x", "GPG settings have no effect without GPG_DECRYPT_PW or GPG_ALLOW_NO_PW Y in stanza source 'ANY'")]
    [InlineData("GPG_EXE /x", "GPG settings have no effect without GPG_DECRYPT_PW or GPG_ALLOW_NO_PW Y in stanza source 'ANY'")]
    [InlineData("STANZA_NAME alice", null)]
    [InlineData("ALLOW_NO_PORTS N", null)]
    [InlineData("OPEN_PORTS *\nALLOW_NO_PORTS Y", null)]
    [InlineData("OPEN_PORTS tcp/22, tcp/1-23\nRESTRICT_PORTS tcp/1-21, tcp/23\nALLOW_NO_PORTS Y\nCMD_CYCLE_OPEN x $PORT\nCMD_CYCLE_CLOSE NONE", null)]
    [InlineData("GRANT_PREFIX 24\nCMD_CYCLE_OPEN x\nCMD_CYCLE_CLOSE NONE", "[*] GRANT_PREFIX has no effect with CMD_CYCLE_OPEN, which is run for one address, in stanza source 'ANY'")]
    [InlineData("TOTP_DIGITS 8", "[*] TOTP_DIGITS and TOTP_PERIOD have no effect without TOTP_SECRET in stanza source 'ANY'")]
    [InlineData("REQUIRE_SOURCE N", "Warning: REQUIRE_SOURCE_ADDRESS not enabled for access stanza source: 'ANY'")]
    [InlineData("REQUIRE_SOURCE_ADDRESS true\nREQUIRE_SOURCE_ADDRESS Y", "[*] REQUIRE_SOURCE_ADDRESS value 'true' is neither Y nor N; taken as N")]
    [InlineData("FOO bar", "[*] Ignoring unknown access parameter: 'FOO' in a.conf at line 5")]
    [InlineData("open_ports tcp/22", "[*] Ignoring unknown access parameter: (not a name) in a.conf at line 5")]
    [InlineData(Secret + " more", "[*] Ignoring unknown access parameter: (not a name) in a.conf at line 5")]
    [InlineData("KEY:" + Secret + " more", "[*] Ignoring unknown access parameter: (not a name) in a.conf at line 5")]
    [InlineData("HMAC_KEY abc;" + Secret, "[*] Text after ';' is not part of the value of 'HMAC_KEY'")]
    [InlineData("MAX_FW_TIMEOUT 3", "Warning: MAX_FW_TIMEOUT < FW_ACCESS_TIMEOUT, MAX_FW_TIMEOUT limits only what clients ask for, for stanza source: 'ANY' (#1)")]
    [InlineData("ACCESS_EXPIRE 31/12/2026", "[*] ACCESS_EXPIRE 31/12/2026 is no day of the calendar; read as 07/12/2028 (the order is MM/DD/YYYY)")]
    [InlineData("ENCRYPTION_MODE legacy\nKEY 1234567890123456X", "Warning: truncating encryption key in legacy mode to 16 bytes for access stanza source: 'ANY'")]
    public void AcceptsWithRemark(string line, string? expected)
    {
        Loaded<AccessPolicy> loaded = Parse(Good + line);

        Assert.False(loaded.HasErrors);
        Assert.Equal(expected is null ? [] : [expected], loaded.Diagnostics.Select(item => item.Text));
        Assert.All(loaded.Diagnostics, item => Assert.NotEqual(ConfigSeverity.Error, item.Severity));
    }

    [Fact]
    public void WarnsOfAnHmacTypeWithoutKey() => Assert.Equal(
        ["[*] HMAC_DIGEST_TYPE has no effect without an HMAC key in stanza source 'ANY'"],
        Parse("SOURCE ANY\nKEY abc\nREQUIRE_SOURCE_ADDRESS Y\nHMAC_DIGEST_TYPE md5").Diagnostics.Select(item => item.Text));

    [Fact]
    public void WarnsOfAStanzaThatWeakensAnother()
    {
        Loaded<AccessPolicy> loaded = Parse(
            "SOURCE 10.0.0.1\nKEY abc\nREQUIRE_SOURCE Y\nSOURCE 10.0.0.2\nKEY_BASE64 YWJj\nHMAC_KEY x\nREQUIRE_SOURCE Y\nSOURCE ANY\nKEY other\nREQUIRE_SOURCE Y\n");

        ConfigDiagnostic warning = Assert.Single(loaded.Diagnostics);
        Assert.Equal(
            (1, ConfigSeverity.Warning, "Warning: stanza source: '10.0.0.1' (#1) has the key of stanza #2 but no HMAC key, so it accepts packets without HMAC"),
            (warning.Line, warning.Severity, warning.Text));
    }

    [Fact]
    public void SaysWhatStandsBeforeTheFirstSource()
    {
        Loaded<AccessPolicy> loaded = Parse("OPEN_PORTS tcp/22\n" + Good);

        Assert.Equal("[*] OPEN_PORTS stands before the first SOURCE and has no effect", Assert.Single(loaded.Diagnostics).Text);
        Assert.Null(loaded.Value!.Stanzas[0].OpenPorts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n\n")]
    [InlineData("OPEN_PORTS tcp/22\n")]
    public void RefusesAFileWithoutStanza(string text) => Assert.Contains(
        "[*] Could not find valid SOURCE stanza in access file: 'a.conf'",
        Parse(text).Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Text));

    [Fact]
    public void ReportsAllErrorsOfAllStanzas()
    {
        Loaded<AccessPolicy> loaded = Parse("SOURCE x\nKEY __CHANGEME__\nOPEN_PORTS 22\nSOURCE 1.2.3.4/99\nFOO\nFW_ACCESS_TIMEOUT x\n");

        Assert.Null(loaded.Value);
        Assert.Equal(
            [1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 5, 6],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Line));
    }

    [Fact]
    public void NumbersStanzasFromOne()
    {
        Loaded<AccessPolicy> loaded = Parse(Good + "SOURCE 1.2.3.4\n" + Keys + "OPEN_PORTS tcp/22\n");

        Assert.Equal([(1, 1), (2, 5)], loaded.Value!.Stanzas.Select(stanza => (stanza.Number, stanza.Line)));
        Assert.Null(loaded.Value.Stanzas[0].OpenPorts);
    }

    [Fact]
    public void ExpiresAtLocalMidnightOfTheDay()
    {
        TimeZoneInfo zone = TimeZoneInfo.CreateCustomTimeZone("two", TimeSpan.FromHours(2), "two", "two");
        AccessStanza Read(string date) =>
            AccessFile.Parse(Encoding.UTF8.GetBytes(Good + "ACCESS_EXPIRE " + date), "a.conf", zone).Value!.Stanzas[0];

        Assert.Equal(DateTimeOffset.Parse("2030-01-02T00:00:00+02:00", CultureInfo.InvariantCulture), Read("1/2/2030").AccessExpire);
        Assert.Equal(Read("01/02/2030").AccessExpire, Read("1/2/30").AccessExpire);
    }

    [Fact]
    public void ZeroEpochMeansNever() => Assert.Null(One(Good + "ACCESS_EXPIRE 1/2/2030\nACCESS_EXPIRE_EPOCH 0").AccessExpire);

    [Fact]
    public void DisposingThePolicyWipesTheKeys()
    {
        AccessPolicy policy = Parse(Good).Value!;

        policy.Dispose();

        Assert.Throws<ObjectDisposedException>(() => policy.Stanzas[0].Keys.EncryptionKey.CopyTo(new byte[64]));
        Assert.Throws<ObjectDisposedException>(() => policy.Stanzas[0].Keys.HmacKey!.CopyTo(new byte[64]));
    }

    [Theory]
    [InlineData(0b110_000_000, false, null)]
    [InlineData(0b110_100_000, false, "[-] file: {0} permissions should only be user read/write (0600, -rw-------)")]
    [InlineData(0b110_100_100, true, "[*] Access file: '{0}' holds keys and is open to other users (mode 0644). Use mode 0600: chmod 600 {0}")]
    [InlineData(0b110_110_000, true, "[*] Access file: '{0}' holds keys and is open to other users (mode 0660). Use mode 0600: chmod 600 {0}")]
    [InlineData(0b110_000_001, true, "[*] Access file: '{0}' holds keys and is open to other users (mode 0601). Use mode 0600: chmod 600 {0}")]
    public void ChecksTheMode(int mode, bool isFatal, string? expected)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("access.conf", Good, (UnixFileMode)mode);

        Loaded<AccessPolicy> loaded = Load(path);

        Assert.Equal(isFatal, loaded.HasErrors);
        string[] wanted = expected is null ? [] : [string.Format(CultureInfo.InvariantCulture, expected, path)];
        Assert.Equal(wanted, loaded.Diagnostics.Select(item => item.Text));
    }

    [Fact]
    public void RefusesALinkGivenOnTheCommandLineOnly()
    {
        using TemporaryFolder folder = new();
        string link = folder.PathOf("link");
        File.CreateSymbolicLink(link, folder.Write("access.conf", Good));

        Assert.False(Load(link).HasErrors);
        Assert.Equal([$"[*] Invalid access.conf file path '{link}'"], Load(link, isFromCommandLine: true).Diagnostics.Select(item => item.Text));
    }

    [Fact]
    public void RefusesAMissingFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("missing");

        Assert.Equal([$"[*] Could not open access file: {path}: No such file or directory"], Load(path).Diagnostics.Select(item => item.Text));
        Assert.Equal(
            [$"[-] unable to lstat() path: {path}: No such file or directory", $"[*] Invalid access.conf file path '{path}'"],
            Load(path, isFromCommandLine: true).Diagnostics.Select(item => item.Text));
    }

    internal static Loaded<AccessPolicy> Parse(string text)
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse(Encoding.UTF8.GetBytes(text), "a.conf", TimeZoneInfo.Utc);
        Assert.All(loaded.Diagnostics, item => Assert.DoesNotContain(Secret, item.ToString(), StringComparison.Ordinal));
        return loaded;
    }

    internal static Loaded<AccessPolicy> Load(string path, bool isFromCommandLine = false, AccessSystem? system = null) => AccessFile.Load(
        new ServerConfig { AccessFile = path, IsAccessFileFromCommandLine = isFromCommandLine }, system ?? new AccessSystem(), TimeZoneInfo.Utc);

    internal static AccessStanza One(string text)
    {
        Loaded<AccessPolicy> loaded = Parse(text);
        Assert.DoesNotContain(ConfigSeverity.Error, loaded.Diagnostics.Select(item => item.Severity));
        return Assert.Single(loaded.Value!.Stanzas);
    }

    internal static string Reveal(SpaKey key)
    {
        byte[] bytes = new byte[key.Length];
        key.CopyTo(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
