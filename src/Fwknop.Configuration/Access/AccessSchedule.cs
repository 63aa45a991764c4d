using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fwknop.Configuration.Access;

/// <summary>
/// The hours in which a stanza is in force (ACCESS_HOURS, ours): <c>Mon-Fri 08:00-18:00, Sat 09:00-12:00</c>. What counts is what a clock on
/// the wall shows: when clocks go back, the hour that comes twice is inside both times.
/// </summary>
public sealed class AccessSchedule
{
    private const int MinutesOfDay = 24 * 60;
    private const int MinutesOfWeek = 7 * MinutesOfDay;

    // Monday is 0: a week is cut where ranges such as Sat-Sun are not.
    private static readonly string[] Days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

    private readonly List<(int Start, int End)> _spans;

    private AccessSchedule(string text, List<(int Start, int End)> spans)
    {
        Text = text;
        _spans = spans;
    }

    /// <summary>The schedule as written.</summary>
    public string Text { get; }

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">
    /// Items with commas between them, each a day or range of days (every day when there is none) and a range of times. Times go from 00:00 to
    /// 24:00; the end is not included. A range whose end comes before its start goes over midnight and belongs to the day on which it starts.
    /// </param>
    /// <param name="schedule">The schedule, or null.</param>
    /// <param name="errors">One message for every bad item.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AccessSchedule? schedule, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int Start, int End)> spans = [];
        List<string> problems = [];
        foreach (string part in text.Split(','))
        {
            if (!TryParseItem(part, spans))
            {
                problems.Add($"[*] Invalid ACCESS_HOURS entry '{part.Trim()}', need for example Mon-Fri 08:00-18:00");
            }
        }

        errors = problems;
        schedule = problems.Count == 0 ? new AccessSchedule(text, spans) : null;
        return schedule is not null;
    }

    /// <summary>True when the stanza is in force.</summary>
    /// <param name="local">The time in the time zone of this machine.</param>
    public bool Allows(DateTimeOffset local)
    {
        // Sunday is 0 in the base library.
        int day = ((int)local.DayOfWeek + 6) % 7;
        int minute = (day * MinutesOfDay) + (int)local.TimeOfDay.TotalMinutes;
        foreach ((int start, int end) in _spans)
        {
            // A span that goes over the end of the week holds the first minutes of the next one, too.
            if ((minute >= start && minute < end) || minute + MinutesOfWeek < end)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The schedule as written.</summary>
    public override string ToString() => Text;

    private static bool TryParseItem(string item, List<(int Start, int End)> spans)
    {
        string[] words = item.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 1 or > 2
            || !TryParseDays(words.Length == 2 ? words[0] : "Mon-Sun", out int firstDay, out int dayCount)
            || !TryParseTimes(words[^1], out int start, out int end))
        {
            return false;
        }

        for (int i = 0; i < dayCount; i++)
        {
            int midnight = (firstDay + i) % 7 * MinutesOfDay;
            spans.Add((midnight + start, midnight + end));
        }

        return true;
    }

    private static bool TryParseDays(string text, out int first, out int count)
    {
        string[] names = text.ToUpperInvariant().Split('-');
        first = Array.IndexOf(Days, names[0]);
        int last = Array.IndexOf(Days, names[^1]);
        count = ((last - first + 7) % 7) + 1;
        return names.Length <= 2 && first >= 0 && last >= 0;
    }

    /// <summary>Minutes from midnight; an end that comes before the start is one of the next day.</summary>
    private static bool TryParseTimes(string text, out int start, out int end)
    {
        string[] times = text.Split('-');
        end = 0;
        bool isRange = TryParseTime(times[0], out start) && times.Length == 2 && TryParseTime(times[1], out end) && start != end && start < MinutesOfDay;
        end += end < start ? MinutesOfDay : 0;
        return isRange;
    }

    private static bool TryParseTime(string text, out int minutes)
    {
        minutes = 0;
        bool isTime = text.Length == 5 && text[2] == ':' && text.Remove(2, 1).All(char.IsAsciiDigit);
        if (isTime)
        {
            int hour = int.Parse(text.AsSpan(0, 2), CultureInfo.InvariantCulture);
            int minute = int.Parse(text.AsSpan(3, 2), CultureInfo.InvariantCulture);
            minutes = (hour * 60) + minute;
            isTime = minute < 60 && minutes <= MinutesOfDay;
        }

        return isTime;
    }
}
