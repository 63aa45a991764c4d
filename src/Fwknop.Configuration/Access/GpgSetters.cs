using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Variables about GPG whose values are checked (server.md 4.2, 13 Q29).</summary>
internal static class GpgSetters
{
    private const int ShortId = 8;
    private const int LongId = 16;
    private const int Fingerprint = 40;

    public static void SetRemoteIds(StanzaDraft stanza, string value, Place place) =>
        stanza.Gpg.RemoteIds = Ids("GPG_REMOTE_ID", value, [ShortId, LongId, Fingerprint], "8, 16 or 40", place);

    public static void SetFingerprints(StanzaDraft stanza, string value, Place place) =>
        stanza.Gpg.Fingerprints = Ids("GPG_FINGERPRINT_ID", value, [Fingerprint], "40", place);

    public static void SetHomeDirectory(StanzaDraft stanza, string value, Place place)
    {
        if (stanza.Context.Files.IsFolder(value))
        {
            stanza.Gpg.HomeDirectory = value;
        }
        else
        {
            place.Error(
                $"[*] GPG_HOME_DIR directory '{value}' stat()/existence problem in stanza source '{stanza.SourceText}' in access file: '{place.File}'");
        }
    }

    public static void SetExecutable(StanzaDraft stanza, string value, Place place)
    {
        if (Path.IsPathFullyQualified(value))
        {
            stanza.Gpg.Executable = value;
        }
        else
        {
            place.Error($"[*] GPG_EXE '{value}' is not an absolute path");
        }
    }

    private static List<string> Ids(string name, string value, int[] lengths, string lengthText, Place place)
    {
        List<string> ids = [];
        foreach (string item in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (lengths.Contains(item.Length) && item.All(char.IsAsciiHexDigit))
            {
                ids.Add(item.ToUpperInvariant());
            }
            else
            {
                place.Error($"[*] Invalid {name} entry '{item}', need {lengthText} hexadecimal digits");
            }
        }

        return ids;
    }
}
