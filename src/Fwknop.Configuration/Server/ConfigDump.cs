using System.Globalization;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Server;

/// <summary>What <c>-D</c> shows (server.md 1.4): exact order and columns, keys never.</summary>
public static class ConfigDump
{
    private const string NotSet = "<not set>";
    private const string Hidden = "<see the access.conf file>";
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
        ("KEY", Hidden),
        ("KEY_BASE64", stanza.EncryptionKeyIsBase64 ? Hidden : null),
        ("KEY_LEN", Number(stanza.Keys.EncryptionKey.Length)),
        ("HMAC_KEY", stanza.Keys.HmacKey is null ? null : Hidden),
        ("HMAC_KEY_BASE64", stanza.HmacKeyIsBase64 ? Hidden : null),
        ("HMAC_KEY_LEN", Number(stanza.Keys.HmacKey?.Length ?? 0)),
        ("HMAC_DIGEST_TYPE", Number((int)stanza.Keys.HmacType)),
        ("FW_ACCESS_TIMEOUT", Number(stanza.FwAccessTimeout)),
        ("MAX_FW_TIMEOUT", Number(stanza.MaxFwTimeout)),
        ("ENABLE_CMD_EXEC", "No"),
        ("ENABLE_CMD_SUDO_EXEC", "No"),
        ("CMD_SUDO_EXEC_USER", null),
        ("CMD_SUDO_EXEC_GROUP", null),
        ("CMD_EXEC_USER", null),
        ("CMD_EXEC_GROUP", null),
        ("CMD_CYCLE_OPEN", null),
        ("CMD_CYCLE_CLOSE", null),
        ("CMD_CYCLE_TIMER", "0"),
        ("REQUIRE_USERNAME", stanza.RequireUsername),
        ("REQUIRE_SOURCE_ADDRESS", stanza.RequireSourceAddress ? "Yes" : "No"),
        ("FORCE_NAT (ip)", null),
        ("FORCE_NAT (proto)", null),
        ("FORCE_NAT (port)", "0"),
        ("FORCE_SNAT (ip)", null),
        ("FORCE_MASQUERADE", "No"),
        ("DISABLE_DNAT", "No"),
        ("FORWARD_ALL", "No"),
        ("ACCESS_EXPIRE", AscTime(stanza.AccessExpire, zone)),
        ("GPG_HOME_DIR", null),
        ("GPG_EXE", null),
        ("GPG_DECRYPT_ID", null),
        ("GPG_DECRYPT_PW", null),
        ("GPG_REQUIRE_SIG", "No"),
        ("GPG_IGNORE_SIG_VERIFY_ERROR", "No"),
        ("GPG_REMOTE_ID", null),
        ("GPG_FINGERPRINT_ID", null),
    ];

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
