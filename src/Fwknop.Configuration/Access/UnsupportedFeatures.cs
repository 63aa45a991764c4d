namespace Fwknop.Configuration.Access;

/// <summary>The one list of what stanzas can ask for and the daemon cannot do yet: who makes it work takes the row away.</summary>
internal static class UnsupportedFeatures
{
    private static readonly UnsupportedFeature[] All =
    [
        new("GPG_DECRYPT_PW", stanza => stanza.Gpg is { Passphrase: not null }),
        new("GPG_ALLOW_NO_PW", stanza => stanza.Gpg is { Passphrase: null }),
    ];

    /// <summary>Reports what the stanzas ask for in vain, at the lines that do.</summary>
    public static void Report(IReadOnlyList<AccessStanza> stanzas, DiagnosticList diagnostics)
    {
        foreach (AccessStanza stanza in stanzas)
        {
            foreach (UnsupportedFeature feature in All.Where(feature => feature.IsUsedBy(stanza)))
            {
                WrittenSetting setting = stanza.Written[feature.Keyword];
                diagnostics.Error(setting.File, setting.Line, $"[*] {feature.Keyword} is not supported yet");
            }
        }
    }
}
