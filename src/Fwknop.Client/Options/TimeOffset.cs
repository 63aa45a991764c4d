using System.Buffers;

namespace Fwknop.Client;

/// <summary>Seconds to add to the packet's timestamp (client.md 11.5). In one level minus replaces plus.</summary>
internal sealed class TimeOffset : LevelledSetting
{
    private const int MaxDigits = 8;
    private const int MaxNumber = 65536;

    private static readonly (string Name, int Seconds)[] Units =
    [
        (string.Empty, 1), ("s", 1), ("sec", 1), ("secs", 1), ("second", 1), ("seconds", 1),
        ("m", 60), ("min", 60), ("mins", 60), ("minute", 60), ("minutes", 60),
        ("h", 3600), ("hr", 3600), ("hrs", 3600), ("hour", 3600), ("hours", 3600),
        ("d", 86400), ("day", 86400), ("days", 86400),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private long? _plus;
    private long? _minus;

    public long Seconds => _minus is { } minus ? -minus : _plus ?? 0;

    public void SetPlus(Level level, long seconds)
    {
        Enter(level);
        _plus = seconds;
    }

    public void SetMinus(Level level, long seconds)
    {
        Enter(level);
        _minus = seconds;
    }

    /// <summary>Reads <c>60</c>, <c>90s</c>, <c>5 m</c>, <c>2hours</c>, <c>1D</c>: at most 8 digits, at most 65536 of the unit.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        text = text.Trim();
        int digits = text.IndexOfAnyExcept(Digits);
        digits = digits < 0 ? text.Length : digits;
        if (digits is 0 or > MaxDigits || int.Parse(text[..digits], provider: null) is var number && number > MaxNumber)
        {
            return false;
        }

        ReadOnlySpan<char> unit = text[digits..].TrimStart();
        foreach ((string name, int factor) in Units)
        {
            if (unit.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                seconds = (long)number * factor;
                return true;
            }
        }

        return false;
    }

    protected override void Clear()
    {
        _plus = null;
        _minus = null;
    }
}
