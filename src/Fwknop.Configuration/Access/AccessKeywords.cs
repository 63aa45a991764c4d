using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Fwknop.Configuration.CommandLine;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Every variable of access.conf (server.md 4.2) in one table.</summary>
internal static class AccessKeywords
{
    /// <summary>SOURCE starts a stanza and stands outside the table.</summary>
    public const string Source = "SOURCE";

    /// <summary>No name is longer.</summary>
    public const int MaxNameLength = 32;

    private const int MaxSeconds = 8388608;

    public static FrozenDictionary<string, AccessKeyword> ByName { get; } = new AccessKeyword[]
    {
        Text("DESTINATION", (stanza, value, place) => stanza.Destination = Addresses("DESTINATION", value, place)),
        Text("OPEN_PORTS", (stanza, value, place) => stanza.OpenPorts = Ports("OPEN_PORTS", value, place)),
        Text("RESTRICT_PORTS", (stanza, value, place) => stanza.RestrictPorts = Ports("RESTRICT_PORTS", value, place)),

        KeySetters.Key("KEY", isBase64: false, (stanza, key) => stanza.EncryptionKey = key),
        KeySetters.Key("KEY_BASE64", isBase64: true, (stanza, key) => stanza.EncryptionKey = key),
        KeySetters.Key("HMAC_KEY", isBase64: false, (stanza, key) => stanza.HmacKey = key),
        KeySetters.Key("HMAC_KEY_BASE64", isBase64: true, (stanza, key) => stanza.HmacKey = key),
        Text("HMAC_DIGEST_TYPE", KeySetters.SetHmacType),
        Text("ENCRYPTION_MODE", KeySetters.SetEncryptionMode),

        Seconds("FW_ACCESS_TIMEOUT", 0, (stanza, seconds) => stanza.FwAccessTimeout = seconds),
        Seconds("MAX_FW_TIMEOUT", 0, (stanza, seconds) => stanza.MaxFwTimeout = seconds),
        Text("REQUIRE_USERNAME", (stanza, value, _) => stanza.RequireUsername = value),
        Flag("REQUIRE_SOURCE_ADDRESS", (stanza, yes) => stanza.RequireSourceAddress = yes),
        Flag("REQUIRE_SOURCE", (stanza, yes) => stanza.RequireSourceAddress = yes),
        Text("ACCESS_EXPIRE", SetExpireDate),
        Text("ACCESS_EXPIRE_EPOCH", SetExpireEpoch),

        Flag("ENABLE_CMD_EXEC", (stanza, yes) => stanza.Commands.IsEnabled = yes),
        Flag("ENABLE_CMD_SUDO_EXEC", (stanza, yes) => stanza.Commands.UsesSudo = yes),
        CommandSetters.User("CMD_EXEC_USER", (commands, user) => (commands.User, commands.NamesUser) = (user, true)),
        CommandSetters.Group("CMD_EXEC_GROUP", (commands, group) => commands.Group = group),
        CommandSetters.User("CMD_SUDO_EXEC_USER", (commands, user) => commands.SudoUser = user),
        CommandSetters.Group("CMD_SUDO_EXEC_GROUP", (commands, group) => commands.SudoGroup = group),
        Text("CMD_CYCLE_OPEN", (stanza, value, place) => stanza.Cycle.Open = new DraftCommand("CMD_CYCLE_OPEN", value, place)),
        Text("CMD_CYCLE_CLOSE", (stanza, value, place) => stanza.Cycle.Close = new DraftCommand("CMD_CYCLE_CLOSE", value, place)),
        Seconds("CMD_CYCLE_TIMER", 1, (stanza, seconds) => stanza.Cycle.Timer = seconds),

        Text("FORCE_NAT", (stanza, value, place) => stanza.Nat.AddTarget(value, place)),
        Text("FORCE_SNAT", (stanza, value, place) => stanza.Nat.AddSource(value, place)),
        Text("FORCE_MASQUERADE", (stanza, value, place) => stanza.Nat.SetMasquerade(place.ReadFlag("FORCE_MASQUERADE", value), place)),
        Flag("FORWARD_ALL", (stanza, yes) => stanza.Nat.ForwardsAll = yes),
        Flag("DISABLE_DNAT", (stanza, yes) => stanza.Nat.KeepsDestination = yes),

        ForKeyFiles(Text("GPG_DECRYPT_ID", (stanza, value, _) => stanza.Gpg.DecryptId = value)),
        KeySetters.Key("GPG_DECRYPT_PW", isBase64: false, (stanza, key) => stanza.Gpg.Passphrase = key),
        ForKeyFiles(Flag("GPG_ALLOW_NO_PW", (stanza, yes) => stanza.Gpg.AllowsNoPassphrase = yes)),
        ForKeyFiles(Flag("GPG_REQUIRE_SIG", (stanza, yes) => stanza.Gpg.RequiresSignature = yes)),
        ForKeyFiles(Flag("GPG_DISABLE_SIG", (stanza, yes) => stanza.Gpg.IgnoresSignature = yes)),
        ForKeyFiles(Flag("GPG_IGNORE_SIG_VERIFY_ERROR", (stanza, yes) => stanza.Gpg.IgnoresSignatureErrors = yes)),
        ForKeyFiles(Text("GPG_REMOTE_ID", GpgSetters.SetRemoteIds)),
        ForKeyFiles(Text("GPG_FINGERPRINT_ID", GpgSetters.SetFingerprints)),
        Text("GPG_HOME_DIR", GpgSetters.SetHomeDirectory),
        Text("GPG_EXE", GpgSetters.SetExecutable),

        // Our own.
        Text("STANZA_NAME", OwnSetters.SetName),
        Text("ACCESS_HOURS", OwnSetters.SetSchedule),
        Text("NOTIFY_CMD", (stanza, value, place) => stanza.Notify = new DraftCommand("NOTIFY_CMD", value, place)),
        KeySetters.TotpSecret("TOTP_SECRET"),
        OwnSetters.Number("TOTP_DIGITS", 6, 8, (stanza, digits) => stanza.TotpDigits = digits),
        OwnSetters.Number("TOTP_PERIOD", 15, 300, (stanza, seconds) => stanza.TotpPeriod = seconds),
        Text("GRANT_PREFIX", OwnSetters.SetGrantPrefix),
        Flag("ALLOW_NO_PORTS", (stanza, yes) => stanza.AllowsNoPorts = yes),
        Text("NAT_TARGETS", (stanza, value, place) => stanza.Nat.AllowedTargets = NatTargets("NAT_TARGETS", value, place)),
    }.ToFrozenDictionary(keyword => keyword.Name, StringComparer.Ordinal);

    /// <summary>The names of all secrets, as they stand in a file. KEY ends those of other keys.</summary>
    public static IReadOnlyList<byte[]> SecretNames { get; } =
        [.. ByName.Values.Where(keyword => keyword.IsSecret).Select(keyword => Encoding.ASCII.GetBytes(keyword.Name))];

    public static AccessKeyword? Find(ReadOnlySpan<byte> name) =>
        name.Length <= MaxNameLength ? ByName.GetValueOrDefault(Encoding.Latin1.GetString(name)) : null;

    public static AddressList? Addresses(string name, string value, Place place)
    {
        if (!AddressList.TryParse(value, out AddressList? list, out IReadOnlyList<string> errors))
        {
            ReportItems(errors, name, place);
        }

        return list;
    }

    /// <summary>A variable whose value is text.</summary>
    public static AccessKeyword Text(string name, Action<StanzaDraft, string, Place> set) => new(name, (stanza, bytes, place) =>
    {
        if (Printable.Strict(bytes) is string value)
        {
            stanza.Written[name] = new WrittenSetting(value, place.File, place.Line);
            set(stanza, value, place);
        }
        else
        {
            place.Error($"[*] {name} value holds control characters or is not UTF-8");
        }
    });

    private static AccessKeyword ForKeyFiles(AccessKeyword keyword) => keyword with { IsForKeyFiles = true };

    private static AccessKeyword Flag(string name, Action<StanzaDraft, bool> set) =>
        Text(name, (stanza, value, place) => set(stanza, place.ReadFlag(name, value)));

    private static AccessKeyword Seconds(string name, int min, Action<StanzaDraft, int> set) => Text(name, (stanza, value, place) =>
    {
        if (StrictNumber.TryParse(value, min, MaxSeconds, out int seconds))
        {
            set(stanza, seconds);
        }
        else
        {
            place.Error(min == 0 ? $"[*] {name} value not in range." : FormattableString.Invariant($"[*] {name} value not in range [{min},{MaxSeconds}]."));
        }
    });

    private static PortList? Ports(string name, string value, Place place)
    {
        if (!PortList.TryParse(value, out PortList? list, out IReadOnlyList<string> errors))
        {
            ReportItems(errors, name, place);
        }

        return list;
    }

    private static NatTargetList? NatTargets(string name, string value, Place place)
    {
        if (!NatTargetList.TryParse(value, out NatTargetList? list, out IReadOnlyList<string> errors))
        {
            ReportItems(errors, name, place);
        }

        return list;
    }

    private static void ReportItems(IReadOnlyList<string> errors, string name, Place place)
    {
        foreach (string error in errors)
        {
            place.Error(error);
        }

        place.Error($"[*] Fatal invalid {name} in access stanza");
    }

    /// <summary>Local midnight at the start of the day; months and days out of range carry over, as <c>mktime</c> has it (server.md 4.2).</summary>
    private static void SetExpireDate(StanzaDraft stanza, string value, Place place)
    {
        string[] parts = value.Split('/');
        bool isDate = parts.Length == 3 && parts[0].Length is 1 or 2 && parts[1].Length is 1 or 2 && parts[2].Length is 2 or 4;
        int[] numbers = isDate ? [.. parts.Select(Number)] : [-1];
        int year = numbers[^1] + (parts[^1].Length == 2 ? 2000 : 0);
        if (numbers.Contains(-1) || year is < 1970 or > 9000)
        {
            place.Error($"[*] Fatal: invalid date value '{value}' (need MM/DD/YYYY) for access stanza expiration time");
            return;
        }

        DateTime day = new DateTime(year, 1, 1).AddMonths(numbers[0] - 1).AddDays(numbers[1] - 1);
        if (day.Month != numbers[0] || day.Day != numbers[1])
        {
            place.Warning(string.Create(
                CultureInfo.InvariantCulture,
                $"[*] ACCESS_EXPIRE {value} is no day of the calendar; read as {day:MM/dd/yyyy} (the order is MM/DD/YYYY)"));
        }

        stanza.AccessExpire = new DateTimeOffset(day, stanza.Context.Zone.GetUtcOffset(day));

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
    }

    private static void SetExpireEpoch(StanzaDraft stanza, string value, Place place)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            place.Error($"[*] Fatal: invalid epoch seconds value '{value}' for access stanza expiration time");
            return;
        }

        stanza.AccessExpire = seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
