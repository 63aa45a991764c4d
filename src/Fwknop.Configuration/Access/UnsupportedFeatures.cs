namespace Fwknop.Configuration.Access;

/// <summary>The one list of what stanzas can ask for and the daemon cannot do yet: who makes it work takes the row away.</summary>
internal static class UnsupportedFeatures
{
    private static readonly UnsupportedFeature[] All =
    [
        new("ENABLE_CMD_EXEC", stanza => stanza.Commands is not null),
        new("CMD_CYCLE_OPEN", stanza => stanza.Cycle is not null),
        new("GPG_DECRYPT_PW", stanza => stanza.Gpg is { Passphrase: not null }),
        new("GPG_ALLOW_NO_PW", stanza => stanza.Gpg is { Passphrase: null }),
        new("ACCESS_HOURS", stanza => stanza.Schedule is not null),
        new("NOTIFY_CMD", stanza => stanza.NotifyCommand is not null),
        new("TOTP_SECRET", stanza => stanza.Totp is not null),
        new("GRANT_PREFIX", stanza => stanza.Prefix != GrantPrefix.Host),
        new("ALLOW_NO_PORTS", stanza => stanza.AllowsNoPorts),
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
