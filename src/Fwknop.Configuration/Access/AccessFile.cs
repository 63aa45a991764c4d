using System.Security.Cryptography;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Reads access.conf (server.md 4): every error in it, not the first, and never a key in a message.</summary>
public static class AccessFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="refuseLink">True when the path was given with <c>-a</c>, where a symbolic link is refused (server.md 1.2).</param>
    /// <param name="probe">Asks the operating system about the file, or null.</param>
    /// <param name="zone">Whose midnight ACCESS_EXPIRE means; null = local time.</param>
    /// <returns>The policy, which the caller disposes, or null and at least one error.</returns>
    public static Loaded<AccessPolicy> Load(string path, bool refuseLink = false, FileProbe? probe = null, TimeZoneInfo? zone = null)
    {
        DiagnosticList diagnostics = new();
        if (refuseLink && new FileInfo(path).LinkTarget is not null)
        {
            diagnostics.Error(path, 0, $"[*] Invalid access.conf file path '{path}'");
            return new Loaded<AccessPolicy>(null, diagnostics.Items);
        }

        using ConfigText? text = ConfigFile.Read(path, FileKind.Access, probe, diagnostics);
        return text is null
            ? new Loaded<AccessPolicy>(null, diagnostics.Items)
            : Parse(text.Bytes, path, zone ?? TimeZoneInfo.Local, diagnostics);
    }

    /// <summary>Reads the text of an access.conf.</summary>
    /// <param name="text">The bytes of the file; the caller wipes them.</param>
    /// <param name="file">What messages call the file.</param>
    /// <param name="zone">Whose midnight ACCESS_EXPIRE means.</param>
    public static Loaded<AccessPolicy> Parse(ReadOnlySpan<byte> text, string file, TimeZoneInfo zone) => Parse(text, file, zone, new());

    private static Loaded<AccessPolicy> Parse(ReadOnlySpan<byte> text, string file, TimeZoneInfo zone, DiagnosticList diagnostics)
    {
        List<AccessStanza> stanzas = [];
        using StanzaReader reader = new(file, zone, diagnostics, stanzas);
        reader.Read(text);
        if (reader.StanzaCount == 0)
        {
            diagnostics.Error(file, 0, $"[*] Could not find valid SOURCE stanza in access file: '{file}'");
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
        foreach (AccessStanza stanza in stanzas.Where(stanza => stanza.Keys.HmacKey is not null))
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
