using System.Security.Cryptography;
using Fwknop.Configuration.Files;
using Fwknop.Configuration.Server;

namespace Fwknop.Configuration.Access;

/// <summary>Reads access.conf (server.md 4): every error in it, not the first, and never a key in a message.</summary>
public static class AccessFile
{
    /// <summary>Reads the file, or the files of the folder, that the configuration names (server.md 2.1, step 9).</summary>
    /// <param name="config">Where they are, and what stanzas take from it.</param>
    /// <param name="system">Asks the operating system.</param>
    /// <param name="zone">Whose midnight ACCESS_EXPIRE means; null = local time.</param>
    /// <returns>The policy, which the caller disposes, or null and at least one error.</returns>
    public static Loaded<AccessPolicy> Load(ServerConfig config, AccessSystem system, TimeZoneInfo? zone = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(system);
        AccessContext context = new(
            zone ?? TimeZoneInfo.Local, system, new AccessFilesOnDisk(system), new(), config.GpgHomeDirectory, config.GpgExe, config.Nat);
        using PolicyReader reader = new(context);
        string root = config.AccessFolder ?? config.AccessFile;
        Place start = new(root, 0, context.Diagnostics);
        if (config.AccessFolder is string folder)
        {
            ReadFolder(reader, folder, config.IsAccessFolderFromCommandLine, context, start);
        }
        else if (!config.IsAccessFileFromCommandLine || IsPlainFile(root, start))
        {
            reader.ReadFile(root, depth: 1, start, FileKind.Access);
        }

        return Finish(reader, context, start);
    }

    /// <summary>Reads the text of an access.conf. It can include no other file, there are no accounts, and everything may be forwarded.</summary>
    /// <param name="text">The bytes of the file; the caller wipes them.</param>
    /// <param name="file">What messages call the file.</param>
    /// <param name="zone">Whose midnight ACCESS_EXPIRE means.</param>
    public static Loaded<AccessPolicy> Parse(ReadOnlySpan<byte> text, string file, TimeZoneInfo zone) =>
        Parse(text, file, zone, new AccessSystem(), new AccessFilesInMemory(new Dictionary<string, byte[]>()));

    /// <summary>Reads the text of an access.conf that may include others.</summary>
    internal static Loaded<AccessPolicy> Parse(ReadOnlySpan<byte> text, string file, TimeZoneInfo zone, AccessSystem system, IAccessFiles files)
    {
        AccessContext context = new(zone, system, files, new(), ServerConfig.DefaultGpgHomeDirectory, ServerConfig.DefaultGpgExe, NatSettings.All);
        using PolicyReader reader = new(context);
        reader.ReadText(text, file, depth: 1, includedFrom: null);
        return Finish(reader, context, new Place(file, 0, context.Diagnostics));
    }

    private static void ReadFolder(PolicyReader reader, string folder, bool isFromCommandLine, AccessContext context, Place start)
    {
        if (isFromCommandLine && !context.Files.IsFolder(folder))
        {
            if (!Path.Exists(folder) && new FileInfo(folder).LinkTarget is null)
            {
                start.Error($"[-] unable to lstat() path: {folder}: No such file or directory");
            }

            start.Error($"[*] Invalid access folder directory '{folder}' could not lstat(), does not exist, or too large?");
            return;
        }

        reader.ReadFolder(folder, depth: 1, start);
    }

    /// <summary>A symbolic link is refused when it is given with <c>-a</c> (server.md 1.2).</summary>
    private static bool IsPlainFile(string path, Place start)
    {
        FileInfo info = new(path);
        if (info.LinkTarget is null && info.Exists)
        {
            return true;
        }

        if (info.LinkTarget is null && !Directory.Exists(path))
        {
            start.Error($"[-] unable to lstat() path: {path}: No such file or directory");
        }

        start.Error($"[*] Invalid access.conf file path '{path}'");
        return false;
    }

    private static Loaded<AccessPolicy> Finish(PolicyReader reader, AccessContext context, Place start)
    {
        List<AccessStanza> stanzas = reader.MakeStanzas();
        DiagnosticList diagnostics = context.Diagnostics;
        if (reader is { DraftCount: 0, HasRead: true })
        {
            start.Error($"[*] Could not find valid SOURCE stanza in access file: '{start.File}'");
        }
        else if (stanzas.Count == 0 && !diagnostics.HasErrors)
        {
            start.Error("Fatal, could not find any valid access.conf stanzas");
        }

        if (diagnostics.HasErrors)
        {
            stanzas.ForEach(stanza => stanza.Dispose());
            return new Loaded<AccessPolicy>(null, diagnostics.InFileOrder());
        }

        WarnOfWeakerTwins(stanzas, diagnostics);
        return new Loaded<AccessPolicy>(new AccessPolicy(stanzas), diagnostics.InFileOrder());
    }

    /// <summary>
    /// A stanza without HMAC key weakens another that has the same encryption key and an HMAC key: a packet whose HMAC was cut off,
    /// or made up, is taken by the first.
    /// </summary>
    private static void WarnOfWeakerTwins(List<AccessStanza> stanzas, DiagnosticList diagnostics)
    {
        byte[] once = RandomNumberGenerator.GetBytes(32);
        Dictionary<string, int> withHmac = [];
        foreach (AccessStanza stanza in stanzas.Where(stanza => stanza.Keys.HmacKey is not null && stanza.Keys.EncryptionKey.Length > 0))
        {
            withHmac.TryAdd(Fingerprint(stanza, once), stanza.Number);
        }

        foreach (AccessStanza stanza in stanzas.Where(stanza => stanza.Keys.HmacKey is null))
        {
            if (withHmac.TryGetValue(Fingerprint(stanza, once), out int twin))
            {
                diagnostics.Warning(stanza.File, stanza.Line, FormattableString.Invariant(
                    $"Warning: stanza source: '{stanza.Source.Text}' (#{stanza.Number}) has the key of stanza #{twin} but no HMAC key, so it accepts packets without HMAC"));
            }
        }
    }

    private static string Fingerprint(AccessStanza stanza, byte[] once)
    {
        Span<byte> key = stackalloc byte[stanza.Keys.EncryptionKey.Length];
        stanza.Keys.EncryptionKey.CopyTo(key);
        string fingerprint = Convert.ToHexString(HMACSHA256.HashData(once, key));
        CryptographicOperations.ZeroMemory(key);
        return fingerprint;
    }
}
