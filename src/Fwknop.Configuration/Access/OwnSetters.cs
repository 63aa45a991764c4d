using System.Buffers;
using Fwknop.Configuration.CommandLine;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Variables that the reference does not have.</summary>
internal static class OwnSetters
{
    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static void SetName(StanzaDraft stanza, string value, Place place)
    {
        if (value.Length <= MaxNameLength && !value.AsSpan().ContainsAnyExcept(NameLetters))
        {
            stanza.Name = value;
        }
        else
        {
            place.Error(FormattableString.Invariant($"[*] STANZA_NAME must be 1 to {MaxNameLength} letters, digits or ._-"));
        }
    }

    public static void SetSchedule(StanzaDraft stanza, string value, Place place)
    {
        if (!AccessSchedule.TryParse(value, out AccessSchedule? schedule, out IReadOnlyList<string> errors))
        {
            foreach (string error in errors)
            {
                place.Error(error);
            }
        }

        stanza.Schedule = schedule;
    }

    public static void SetGrantPrefix(StanzaDraft stanza, string value, Place place)
    {
        if (GrantPrefix.TryParse(value, out GrantPrefix? prefix))
        {
            stanza.Prefix = prefix;
        }
        else
        {
            place.Error($"[*] Invalid GRANT_PREFIX '{value}', need an IPv4 prefix length (8-32), or with it one for IPv6 (32-128): 24,64");
        }
    }

    public static AccessKeyword Number(string name, int min, int max, Action<StanzaDraft, int> set) =>
        AccessKeywords.Text(name, (stanza, value, place) =>
        {
            if (StrictNumber.TryParse(value, min, max, out int number))
            {
                set(stanza, number);
            }
            else
            {
                place.Error(FormattableString.Invariant($"[*] {name} value not in range [{min},{max}]."));
            }
        });
}
