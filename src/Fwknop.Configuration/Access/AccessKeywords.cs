using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Fwknop.Configuration.CommandLine;
using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>Every variable of access.conf (server.md 4.2) in one table.</summary>
internal static class AccessKeywords
{
    private const int MaxSeconds = 8388608;

    /// <summary>SOURCE starts a stanza and stands outside the table.</summary>
    public const string Source = "SOURCE";

    public static FrozenDictionary<string, AccessKeyword> ByName { get; } = new AccessKeyword[]
    {
        Text("DESTINATION", (stanza, value, place) => stanza.Destination = Addresses("DESTINATION", value, place)),
        Text("OPEN_PORTS", (stanza, value, place) => stanza.OpenPorts = Ports("OPEN_PORTS", value, place)),
        Text("RESTRICT_PORTS", (stanza, value, place) => stanza.RestrictPorts = Ports("RESTRICT_PORTS", value, place)),

        Key("KEY", isBase64: false, (stanza, key) => stanza.EncryptionKey = key),
        Key("KEY_BASE64", isBase64: true, (stanza, key) => stanza.EncryptionKey = key),
        Key("HMAC_KEY", isBase64: false, (stanza, key) => stanza.HmacKey = key),
        Key("HMAC_KEY_BASE64", isBase64: true, (stanza, key) => stanza.HmacKey = key),
        Text("HMAC_DIGEST_TYPE", SetHmacType),
        Text("ENCRYPTION_MODE", SetEncryptionMode),

        Seconds("FW_ACCESS_TIMEOUT", (stanza, seconds) => stanza.FwAccessTimeout = seconds),
        Seconds("MAX_FW_TIMEOUT", (stanza, seconds) => stanza.MaxFwTimeout = seconds),
        Text("REQUIRE_USERNAME", (stanza, value, _) => stanza.RequireUsername = value),
        Flag("REQUIRE_SOURCE_ADDRESS", (stanza, yes) => stanza.RequireSourceAddress = yes),
        Flag("REQUIRE_SOURCE", (stanza, yes) => stanza.RequireSourceAddress = yes),
        Text("ACCESS_EXPIRE", SetExpireDate),
        Text("ACCESS_EXPIRE_EPOCH", SetExpireEpoch),

        NotYetFlag("ENABLE_CMD_EXEC"),
        NotYetFlag("ENABLE_CMD_SUDO_EXEC"),
        NotYet("CMD_EXEC_USER"),
        NotYet("CMD_EXEC_GROUP"),
        NotYet("CMD_SUDO_EXEC_USER"),
        NotYet("CMD_SUDO_EXEC_GROUP"),
        NotYet("CMD_CYCLE_OPEN"),
        NotYet("CMD_CYCLE_CLOSE"),
        NotYet("CMD_CYCLE_TIMER", value => StrictNumber.TryParse(value, 1, MaxSeconds, out _)
            ? null
            : "[*] CMD_CYCLE_TIMER value not in range [1,8388608]."),

        NotYet("FORCE_NAT", value => CheckForcedNat("FORCE_NAT", value, withPort: true)),
        NotYet("FORCE_SNAT", value => CheckForcedNat("FORCE_SNAT", value, withPort: false)),
        NotYetFlag("FORCE_MASQUERADE"),
        NotYetFlag("FORWARD_ALL"),
        NotYetFlag("DISABLE_DNAT"),

        NotYet("GPG_DECRYPT_ID"),
        NotYet("GPG_DECRYPT_PW"),
        NotYetFlag("GPG_ALLOW_NO_PW"),
        NoEffect("GPG_REQUIRE_SIG"),
        NotYetFlag("GPG_DISABLE_SIG"),
        NotYetFlag("GPG_IGNORE_SIG_VERIFY_ERROR"),
        NotYet("GPG_REMOTE_ID"),
        NotYet("GPG_FINGERPRINT_ID"),
        NoEffect("GPG_HOME_DIR"),
        NoEffect("GPG_EXE"),

        NotYet("%include"),
        NotYet("%include_folder"),
        NotYet("%include_keys"),
    }.ToFrozenDictionary(keyword => keyword.Name, StringComparer.Ordinal);

    public static AddressList? Addresses(string name, string value, Place place)
    {
        if (!AddressList.TryParse(value, out AddressList? list, out IReadOnlyList<string> errors))
        {
            ReportItems(errors, name, place);
        }

        return list;
    }

    private static AccessKeyword Text(string name, Action<StanzaDraft, string, Place> set) => new(name, (stanza, bytes, place) =>
    {
        if (Printable.Strict(bytes) is string value)
        {
            set(stanza, value, place);
        }
        else
        {
            place.Error($"[*] {name} value holds control characters or is not UTF-8");
        }
    });

    private static AccessKeyword Flag(string name, Action<StanzaDraft, bool> set) =>
        Text(name, (stanza, value, place) => set(stanza, place.ReadFlag(name, value)));

    private static AccessKeyword Seconds(string name, Action<StanzaDraft, int> set) => Text(name, (stanza, value, place) =>
    {
        if (StrictNumber.TryParse(value, 0, MaxSeconds, out int seconds))
        {
            set(stanza, seconds);
        }
        else
        {
            place.Error($"[*] {name} value not in range.");
        }
    });

    private static AccessKeyword Key(string name, bool isBase64, Action<StanzaDraft, DraftKey> set) => new(name, (stanza, value, place) =>
    {
        if (System.Text.Ascii.EqualsIgnoreCase(value, "__CHANGEME__"u8))
        {
            stanza.HasRefusedKey = true;
            place.Error($"[*] {name} value is not properly set in stanza source '{stanza.SourceText}' in access file: '{place.File}'");
            return;
        }

        DraftKey? key = isBase64 ? DraftKey.FromBase64(name, place.Line, value) : DraftKey.FromText(name, place.Line, value);
        if (key is null)
        {
            stanza.HasRefusedKey = true;

            // The reference quotes the value here; a key with a typing error is still most of a key.
            place.Error($"[*] {name} argument doesn't look like base64-encoded data.");
            return;
        }

        set(stanza, key);
    });

    /// <summary>A variable whose feature does not exist yet; it would turn something on, so it cannot be passed over.</summary>
    private static AccessKeyword NotYet(string name, Func<string, string?>? check = null) => Text(name, (_, value, place) =>
        place.Error(check?.Invoke(value) ?? $"[*] {name} is not supported yet"));

    private static AccessKeyword NotYetFlag(string name) => Text(name, (_, value, place) =>
    {
        if (place.ReadFlag(name, value))
        {
            place.Error($"[*] {name} {value} is not supported yet");
        }
    });

    /// <summary>A detail of GPG that turns nothing on by itself.</summary>
    private static AccessKeyword NoEffect(string name) =>
        Text(name, (_, _, place) => place.Info($"{name} has no effect: GPG is not supported yet"));

    private static PortList? Ports(string name, string value, Place place)
    {
        if (!PortList.TryParse(value, out PortList? list, out IReadOnlyList<string> errors))
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

    private static void SetHmacType(StanzaDraft stanza, string value, Place place)
    {
        if (AlgorithmNames.TryParseHmac(value, out HmacType type))
        {
            stanza.HmacType = type;
            stanza.HmacTypePlace = place;
        }
        else
        {
            place.Error($"[*] HMAC_DIGEST_TYPE argument '{value}' must be one of {{md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}}");
        }
    }

    private static void SetEncryptionMode(StanzaDraft stanza, string value, Place place)
    {
        if (!AlgorithmNames.TryParseMode(value, out EncryptionMode mode))
        {
            place.Error($"[*] Unrecognized ENCRYPTION_MODE '{value}', use {{CBC,CTR,legacy,Asymmetric}}");
        }
        else if (mode == EncryptionMode.Asymmetric)
        {
            place.Error($"[*] ENCRYPTION_MODE {value} is not supported yet");
        }
        else
        {
            stanza.EncryptionMode = mode;
        }
    }

    /// <summary>Local midnight at the start of the day; months and days out of range carry over, as <c>mktime</c> has it (server.md 4.2).</summary>
    private static void SetExpireDate(StanzaDraft stanza, string value, Place place)
    {
        string[] parts = value.Split('/');
        bool isDate = parts.Length == 3 && parts[0].Length is 1 or 2 && parts[1].Length is 1 or 2 && parts[2].Length is 2 or 4;
        int[] numbers = isDate ? [.. parts.Select(Number)] : [-1];
        int year = numbers[^1] < 100 ? numbers[^1] + 2000 : numbers[^1];
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

        stanza.AccessExpire = new DateTimeOffset(day, stanza.Zone.GetUtcOffset(day));

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

    private static string? CheckForcedNat(string name, string value, bool withPort)
    {
        string[] words = value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != (withPort ? 2 : 1))
        {
            return $"[*] Fatal: invalid {name} arg '{value}', need <IP>{(withPort ? " <PORT>" : "")}";
        }

        if (!IPAddress.TryParse(words[0], out _))
        {
            return $"[*] Fatal: invalid {name} IP '{words[0]}'";
        }

        return withPort && !StrictNumber.TryParse(words[1], 1, ushort.MaxValue, out _) ? $"[*] Fatal: invalid {name} port '{words[1]}'" : null;
    }
}
