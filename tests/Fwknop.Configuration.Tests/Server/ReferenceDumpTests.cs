using System.Globalization;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.TestSupport;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>Debian's <c>fwknopd -D</c> reads the same access files in the same way.</summary>
public class ReferenceDumpTests
{
    private static readonly string[] OwnFields =
        ["STANZA_NAME", "ACCESS_HOURS", "NOTIFY_CMD", "TOTP_SECRET", "TOTP_DIGITS", "TOTP_PERIOD", "GRANT_PREFIX", "ALLOW_NO_PORTS", "NAT_TARGETS"];

    private static readonly AccessSystem System = new()
    {
        FindUser = name => name is "root" or "nobody" ? new CommandUser(name, name == "root" ? 0u : 65534, name == "root" ? 0u : 65534) : null,
        OpenKeyFile = (string path, out string problem) =>
        {
            problem = "";
            return File.OpenHandle(path);
        },
    };

    [InteropTheory]
    [InlineData("keys", """
        SOURCE ANY
        KEY abc
        SOURCE 1.2.3.4
        KEY_BASE64 YWJj
        HMAC_KEY_BASE64 YWJjZGVm
        SOURCE 10.1/8, ANY
        KEY abc;
        KEY_BASE64 ZGVm
        HMAC_KEY x
        HMAC_DIGEST_TYPE SHA512
        SOURCE: 1.1.1.1;
        KEY: abc
        HMAC_KEY: a b c
        HMAC_DIGEST_TYPE md5
        ENCRYPTION_MODE legacy
        """)]
    [InlineData("limits", """
        SOURCE ANY
        DESTINATION 1.2.3.4/24,  5.6.7.8
        OPEN_PORTS tcp/22,udp/53
        RESTRICT_PORTS  tcp/23,  TCP/24
        KEY abc
        FW_ACCESS_TIMEOUT 60
        MAX_FW_TIMEOUT 600
        REQUIRE_USERNAME joe doe
        REQUIRE_SOURCE_ADDRESS yes
        ACCESS_EXPIRE 12/31/2030
        SOURCE ANY
        KEY abc
        FW_ACCESS_TIMEOUT 0
        MAX_FW_TIMEOUT 7
        REQUIRE_SOURCE Y
        ACCESS_EXPIRE_EPOCH 2000000000
        ENCRYPTION_MODE CTR
        """)]
    [InlineData("commands", """
        SOURCE ANY
        KEY abc
        ENABLE_CMD_EXEC Y
        ENABLE_CMD_SUDO_EXEC y
        CMD_EXEC_USER nobody
        CMD_EXEC_GROUP root
        CMD_SUDO_EXEC_USER root
        CMD_SUDO_EXEC_GROUP nobody
        SOURCE ANY
        KEY abc
        CMD_EXEC_USER nobody
        ENABLE_CMD_SUDO_EXEC Y
        SOURCE ANY
        KEY abc
        CMD_CYCLE_OPEN /bin/echo  $IP   "x"
        CMD_CYCLE_CLOSE /bin/echo NONE
        CMD_CYCLE_TIMER 8388608
        SOURCE ANY
        KEY abc
        CMD_CYCLE_OPEN ipset add x $SRC,$PROTO:$PORT timeout $CLIENT_TIMEOUT
        CMD_CYCLE_CLOSE NONE
        """)]
    [InlineData("GPG", """
        SOURCE ANY
        GPG_DECRYPT_PW abc
        GPG_DECRYPT_ID ABCD1234
        GPG_REMOTE_ID 11112222,  33334444
        GPG_FINGERPRINT_ID 1111222233334444555566667777888899990000
        GPG_HOME_DIR /tmp
        GPG_EXE /opt/gpg
        SOURCE ANY
        KEY abc
        HMAC_KEY def
        GPG_ALLOW_NO_PW Y
        GPG_DISABLE_SIG Y
        GPG_IGNORE_SIG_VERIFY_ERROR Y
        SOURCE ANY
        KEY abc
        GPG_REQUIRE_SIG Y
        GPG_IGNORE_SIG_VERIFY_ERROR Y
        GPG_REMOTE_ID 11112222
        GPG_HOME_DIR /tmp
        SOURCE ANY
        GPG_ALLOW_NO_PW Y
        GPG_REQUIRE_SIG N
        GPG_REMOTE_ID 11112222
        """)]
    [InlineData("included files", """
        %include @other
        SOURCE 10.0.0.1
        KEY abc
        %include @other
        OPEN_PORTS tcp/1
        SOURCE 10.0.0.2
        %include_keys @keys
        OPEN_PORTS tcp/2
        SOURCE 10.0.0.3
        %include_keys @bad
        OPEN_PORTS tcp/3
        SOURCE 10.0.0.4
        %include_keys @missing
        SOURCE 10.0.0.5
        KEY abc
        """)]
    public void ReadsStanzasAsTheReferenceDoes(string name, string access)
    {
        using TestSupport.TemporaryFolder folder = new();
        folder.Write("other", "OPEN_PORTS tcp/9\nSOURCE 10.0.0.9\nKEY nine\n");
        folder.Write("keys", "OPEN_PORTS tcp/7\nKEY seven\nHMAC_KEY_BASE64 YWJjZGVm\n");
        folder.Write("bad", "KEY same\nHMAC_KEY same\n");
        string accessFile = folder.Write("access.conf", access.Replace("@", folder.Path + "/", StringComparison.Ordinal) + "\n");
        string configFile = folder.Write("fwknopd.conf", $"FWKNOP_RUN_DIR {folder.Path}\n");

        using NetworkNamespace space = NetworkNamespace.Create("dump");
        ProcessRun reference = space.Run(Reference.DaemonProgram, "-c", configFile, "-a", accessFile, "-D");

        Assert.Equal((name, 0), (name, reference.ExitCode));
        Assert.Equal(Stanzas(reference.Output), Stanzas(OwnDump(accessFile)));
    }

    [InteropFact]
    public void ReadsAFolderAsTheReferenceDoes()
    {
        using TestSupport.TemporaryFolder folder = new();
        folder.Write("people/only.conf", "SOURCE 10.0.0.1\nKEY abc\nOPEN_PORTS tcp/22\n");
        folder.Write("people/other.txt", "SOURCE 10.0.0.2\nKEY abc\n");
        string configFile = folder.Write("fwknopd.conf", $"FWKNOP_RUN_DIR {folder.Path}\n");
        string people = folder.FilePath("people");

        using NetworkNamespace space = NetworkNamespace.Create("dump");
        ProcessRun reference = space.Run(Reference.DaemonProgram, "-c", configFile, "--access-folder", people + "/", "-D");
        using AccessPolicy policy = AccessFile.Load(new ServerConfig { AccessFolder = people, IsAccessFolderFromCommandLine = true }, System).Value!;

        Assert.Equal(Stanzas(reference.Output), Stanzas(Dump(policy)));
    }

    private static string OwnDump(string accessFile)
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse(
            File.ReadAllBytes(accessFile), accessFile, TimeZoneInfo.Local, System, new AccessFilesOnDisk(System));
        Assert.False(loaded.HasErrors, string.Join('\n', loaded.Diagnostics));
        using AccessPolicy policy = loaded.Value;
        return Dump(policy);
    }

    private static string Dump(AccessPolicy policy)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        ConfigDump.Write(output, new ServerConfig(), policy);
        return output.ToString();
    }

    private static IEnumerable<string> Stanzas(string dump) => dump
        .Split("Current fwknopd access settings:\n")[1]
        .TrimEnd('\n')
        .Split('\n')
        .Where(line => !OwnFields.Contains(line.Split(':')[0].Trim()));
}
