using System.Globalization;
using System.Net;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Server;

/// <summary>What <c>-D</c> shows (server.md 1.4): exact order and columns, keys never.</summary>
public static class ConfigDump
{
    private const string NotSet = "<not set>";
    private const string Rule = "==============================================================";

    /// <summary>Writes configuration and stanzas.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="policy">The stanzas.</param>
    /// <param name="zone">In whose time ACCESS_EXPIRE is shown; null = local time.</param>
    public static void Write(TextWriter output, ServerConfig config, AccessPolicy policy, TimeZoneInfo? zone = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(policy);
        output.Write("Current fwknopd config settings:\n");
        for (int i = 0; i < config.Settings.Count; i++)
        {
            (string name, string? value) = config.Settings[i];
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{i,3}. {name,-28} =  '{value ?? NotSet}'\n"));
        }

        output.Write("\nCurrent fwknopd access settings:\n");
        foreach (AccessStanza stanza in policy.Stanzas)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"SOURCE ({stanza.Number}):  {stanza.Source}\n{Rule}\n"));
            foreach ((string name, string? value) in Fields(stanza, zone ?? TimeZoneInfo.Local))
            {
                output.Write($"{name,27}:  {value ?? NotSet}\n");
            }

            output.Write('\n');
        }

        output.Write('\n');
    }

    private static (string Name, string? Value)[] Fields(AccessStanza stanza, TimeZoneInfo zone) =>
    [
        ("DESTINATION", stanza.Destination?.Text),
        ("OPEN_PORTS", stanza.OpenPorts?.Text),
        ("RESTRICT_PORTS", stanza.RestrictPorts?.Text),
        .. KeyFields(stanza),
        ("FW_ACCESS_TIMEOUT", Number(stanza.FwAccessTimeout)),
        ("MAX_FW_TIMEOUT", Number(stanza.MaxFwTimeout)),
        ("ENABLE_CMD_EXEC", YesNo(stanza, "ENABLE_CMD_EXEC")),
        ("ENABLE_CMD_SUDO_EXEC", YesNo(stanza, "ENABLE_CMD_SUDO_EXEC")),
        ("CMD_SUDO_EXEC_USER", Written(stanza, "CMD_SUDO_EXEC_USER")),
        ("CMD_SUDO_EXEC_GROUP", Written(stanza, "CMD_SUDO_EXEC_GROUP")),
        ("CMD_EXEC_USER", Written(stanza, "CMD_EXEC_USER")),
        ("CMD_EXEC_GROUP", Written(stanza, "CMD_EXEC_GROUP")),
        ("CMD_CYCLE_OPEN", Written(stanza, "CMD_CYCLE_OPEN")),
        ("CMD_CYCLE_CLOSE", Written(stanza, "CMD_CYCLE_CLOSE")),
        ("CMD_CYCLE_TIMER", Written(stanza, "CMD_CYCLE_TIMER") ?? "0"),
        ("REQUIRE_USERNAME", stanza.RequireUsername),
        ("REQUIRE_SOURCE_ADDRESS", stanza.RequireSourceAddress ? "Yes" : "No"),
        .. NatFields(stanza.Nat),
        ("ACCESS_EXPIRE", AscTime(stanza.AccessExpire, zone)),
        ("GPG_HOME_DIR", stanza.Gpg?.HomeDirectory ?? Written(stanza, "GPG_HOME_DIR")),
        ("GPG_EXE", Written(stanza, "GPG_EXE")),
        ("GPG_DECRYPT_ID", Written(stanza, "GPG_DECRYPT_ID")),
        ("GPG_DECRYPT_PW", stanza.Gpg is null ? null : WrittenSetting.Hidden),
        ("GPG_REQUIRE_SIG", stanza.Gpg is GpgRules gpg ? (gpg.Signatures.IsRequired ? "Yes" : "No") : YesNo(stanza, "GPG_REQUIRE_SIG")),
        ("GPG_IGNORE_SIG_VERIFY_ERROR", YesNo(stanza, "GPG_IGNORE_SIG_VERIFY_ERROR")),
        ("GPG_REMOTE_ID", Written(stanza, "GPG_REMOTE_ID")),
        ("GPG_FINGERPRINT_ID", Written(stanza, "GPG_FINGERPRINT_ID")),
        .. OwnFields(stanza),
    ];

    private static (string Name, string? Value)[] KeyFields(AccessStanza stanza)
    {
        int length = stanza.Keys.EncryptionKey.Length;
        return
        [
            ("KEY", length == 0 ? null : WrittenSetting.Hidden),
            ("KEY_BASE64", length > 0 && stanza.EncryptionKeyIsBase64 ? WrittenSetting.Hidden : null),
            ("KEY_LEN", Number(length)),
            ("HMAC_KEY", stanza.Keys.HmacKey is null ? null : WrittenSetting.Hidden),
            ("HMAC_KEY_BASE64", stanza.HmacKeyIsBase64 ? WrittenSetting.Hidden : null),
            ("HMAC_KEY_LEN", Number(stanza.Keys.HmacKey?.Length ?? 0)),
            ("HMAC_DIGEST_TYPE", Number((int)stanza.Keys.HmacType)),
        ];
    }

    private static IEnumerable<(string Name, string? Value)> NatFields(StanzaNat nat)
    {
        foreach (ForcedTarget? target in nat.Targets.Count == 0 ? (IReadOnlyList<ForcedTarget?>)[null] : nat.Targets)
        {
            yield return ("FORCE_NAT (ip)", target?.Address.ToString());
            yield return ("FORCE_NAT (proto)", target?.Requested);
            yield return ("FORCE_NAT (port)", Number(target?.Port ?? 0));
        }

        foreach (IPAddress? source in nat.SourceAddresses.Count == 0 ? (IReadOnlyList<IPAddress?>)[null] : nat.SourceAddresses)
        {
            yield return ("FORCE_SNAT (ip)", source?.ToString());
        }

        yield return ("FORCE_MASQUERADE", nat.Masquerades ? "Yes" : "No");
        yield return ("DISABLE_DNAT", nat.KeepsDestination ? "Yes" : "No");
        yield return ("FORWARD_ALL", nat.ForwardsAll ? "Yes" : "No");
    }

    private static (string Name, string? Value)[] OwnFields(AccessStanza stanza) =>
    [
        ("STANZA_NAME", stanza.Name),
        ("ACCESS_HOURS", stanza.Schedule?.Text),
        ("NOTIFY_CMD", Written(stanza, "NOTIFY_CMD")),
        ("TOTP_SECRET", stanza.Totp is null ? null : WrittenSetting.Hidden),
        ("TOTP_DIGITS", Number(stanza.Totp?.Digits ?? 0)),
        ("TOTP_PERIOD", Number(stanza.Totp?.Period ?? 0)),
        ("GRANT_PREFIX", stanza.Prefix.ToString()),
        ("ALLOW_NO_PORTS", stanza.AllowsNoPorts ? "Yes" : "No"),
        ("NAT_TARGETS", stanza.Nat.AllowedTargets?.Text),
    ];

    private static string? Written(AccessStanza stanza, string name) => stanza.Written.GetValueOrDefault(name)?.Value;

    /// <summary>A switch as it stands in the file, also where what it belongs to is off.</summary>
    private static string YesNo(AccessStanza stanza, string name) => Written(stanza, name) is ['Y' or 'y', ..] ? "Yes" : "No";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The form of <c>asctime</c>: the day of the month takes two places, filled with a blank.</summary>
    private static string? AscTime(DateTimeOffset? time, TimeZoneInfo zone)
    {
        if (time is not DateTimeOffset end)
        {
            return null;
        }

        DateTimeOffset local = TimeZoneInfo.ConvertTime(end, zone);
        return string.Create(CultureInfo.InvariantCulture, $"{local:ddd MMM} {local.Day,2} {local:HH:mm:ss yyyy}");
    }
}
