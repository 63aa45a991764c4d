using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;

namespace Fwknop.Fuzz.Targets;

/// <summary>
/// Access files that lead to others. Several files are one input, apart by lines of <c>%%%</c>: the first is a.conf, then come d/b.conf and
/// d/c.conf, and k, a key file. Nothing on the disk is read.
/// </summary>
internal static class IncludeTargets
{
    private const string Around = "SOURCE 10.0.0.1\n%include_keys k\nSOURCE 10.0.0.2\nKEY other\n";

    private static readonly string[] Paths = ["a.conf", "d/b.conf", "d/c.conf", "k"];
    private static readonly string[] KeyFileNames =
        [.. AccessKeywords.ByName.Values.Where(keyword => keyword.IsForKeyFiles).Select(keyword => keyword.Name)];

    public static IReadOnlyList<byte[]> IncludeCorpus() =>
    [
        """
        %include d/b.conf
        SOURCE 10.0.0.1
        KEY abc
        %include_folder d
        OPEN_PORTS tcp/1
        SOURCE 10.0.0.2
        %include_keys k
        %%%
        SOURCE 10.0.0.3
        KEY b
        %include d/c.conf
        STANZA_NAME x
        %%%
        SOURCE ANY
        HMAC_KEY c
        KEY d
        %%%
        KEY seven
        HMAC_KEY_BASE64 YWJjZGVm
        """u8.ToArray(),
        "%include a.conf\nSOURCE ANY\nKEY k\n"u8.ToArray(),
    ];

    public static void CheckIncludes(byte[] input)
    {
        string[] parts = Encoding.Latin1.GetString(input).Split("%%%\n");
        Dictionary<string, byte[]> files = [];
        for (int i = 0; i < Math.Min(parts.Length, Paths.Length); i++)
        {
            files[Paths[i]] = Encoding.Latin1.GetBytes(parts[i]);
        }

        Loaded<AccessPolicy> loaded = Read(files);
        using AccessPolicy? policy = loaded.Value;
        ConfigurationTargets.CheckFindings(loaded.Diagnostics, policy is not null);
        ConfigurationTargets.CheckStanzas(policy);
    }

    public static IReadOnlyList<byte[]> KeysCorpus() =>
    [
        """
        # mine
        KEY: abc;
        HMAC_KEY_BASE64 YWJjZGVm
        GPG_DECRYPT_ID me
        GPG_DECRYPT_PW passphrase
        GPG_REQUIRE_SIG Y
        GPG_REMOTE_ID 12345678
        GPG_FINGERPRINT_ID 1111222233334444555566667777888899990000
        """u8.ToArray(),
        "GPG_ALLOW_NO_PW Y\nGPG_DISABLE_SIG Y\n"u8.ToArray(),
        "KEY_BASE64 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nHMAC_KEY secret\nOPEN_PORTS tcp/22\nCMD_EXEC_USER root\nSOURCE ANY\n%include d/b.conf\n"u8.ToArray(),
    ];

    /// <summary>Whatever a user writes, the other stanza is there, his own has nothing but keys of him, and no message tells what he wrote.</summary>
    public static void CheckKeys(byte[] input)
    {
        Loaded<AccessPolicy> loaded = Read(new() { ["a.conf"] = Encoding.ASCII.GetBytes(Around), ["k"] = input });
        using AccessPolicy? policy = loaded.Value;
        Promise.Require(policy is not null, "a key file ends the start");
        ConfigurationTargets.CheckFindings(loaded.Diagnostics, isLoaded: true);
        ConfigurationTargets.CheckStanzas(policy);
        Promise.Require(policy!.Stanzas[^1].Source.Text == "10.0.0.2" && policy.Stanzas.Count <= 2, "the stanzas are not those of the file around");
        AccessStanza first = policy.Stanzas[0];
        Promise.Require(policy.Stanzas.Count == 1 || first.Written.Keys.All(KeyFileNames.Contains), "a key file set something else");
        Promise.Require(loaded.Diagnostics.All(IsDiscreet), "a message holds what stands in the key file");
    }

    private static Loaded<AccessPolicy> Read(Dictionary<string, byte[]> files) =>
        AccessFile.Parse(files["a.conf"], "a.conf", TimeZoneInfo.Utc, new AccessSystem(), new AccessFilesInMemory(files));

    // All of the file around is known, so every letter of a message is.
    private static bool IsDiscreet(ConfigDiagnostic finding)
    {
        string[] known =
        [
            "Including key file: 'k'", "Ignoring invalid entry: ", "[*] Key file 'k' cannot be used: line ", "[*] Data error in included keyfile: 'k'",
            "[*] No keys found for", "[*] The encryption passphrase and HMAC key should not", "Warning: ", "GPG settings have no effect",
            "[*] KEY value is ", "[*] KEY_BASE64 value is ", "[*] HMAC_KEY value is ", "[*] HMAC_KEY_BASE64 value is ",
        ];
        return finding.File == "a.conf" && known.Any(start => finding.Text.StartsWith(start, StringComparison.Ordinal)) && finding.Text.Length < 200;
    }
}
