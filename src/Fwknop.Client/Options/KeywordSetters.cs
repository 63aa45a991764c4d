using System.Text;
using Fwknop.Configuration.CommandLine;
using static Fwknop.Client.OptionRows;

namespace Fwknop.Client;

/// <summary>Keywords whose values read differently from those of the option in the same row (client.md 6.5).</summary>
internal static class KeywordSetters
{
    public static SetResult SetOffsetFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        string text = Encoding.UTF8.GetString(value);
        bool isMinus = text.StartsWith('-');
        string amount = isMinus || text.StartsWith('+') ? text[1..] : text;
        if (!TimeOffset.TryParse(amount, out long seconds))
        {
            return SetResult.Refused($"TIME_OFFSET argument '{(isMinus ? amount : text)}' invalid.");
        }

        if (isMinus)
        {
            settings.TimeOffset.SetMinus(settings.Level, seconds);
        }
        else
        {
            settings.TimeOffset.SetPlus(settings.Level, seconds);
        }

        return SetResult.Accepted;
    }

    public static SetResult SetVerbosityFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        string text = Encoding.UTF8.GetString(value);
        const int most = 4;
        if (StrictNumber.TryParse(text, int.MinValue, int.MaxValue, out int number))
        {
            settings.RcVerbosity = number;
            return number is >= 0 and <= most ? SetResult.Accepted : SetResult.Refused();
        }

        return YesNo((s, on) => s.RcVerbosity = on ? 1 : 0)(settings, value);
    }
}
