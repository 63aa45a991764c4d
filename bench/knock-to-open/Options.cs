using System.Globalization;

namespace Fwknop.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string Usage = """
        Usage: knock-to-open [--knocks N] [--limit MILLISECONDS] [--reference-only]

          --knocks N            measured knocks per program, 2 to 1000 (40)
          --limit MILLISECONDS  fail when our p50 with nftables and pcap is not below it (5)
          --reference-only      only the original fwknopd
        """;

    public int Knocks { get; init; } = 40;

    public double LimitMilliseconds { get; init; } = 5;

    public bool ReferenceOnly { get; init; }

    public static bool TryParse(string[] words, out Options options, out string complaint)
    {
        options = new Options();
        complaint = Usage;
        for (int i = 0; i < words.Length; i++)
        {
            string value = i + 1 < words.Length ? words[i + 1] : "";
            switch (words[i])
            {
                case "--reference-only":
                    options = options with { ReferenceOnly = true };
                    break;
                case "--knocks" when int.TryParse(value, CultureInfo.InvariantCulture, out int knocks) && knocks is >= 2 and <= 1000:
                    options = options with { Knocks = knocks };
                    i++;
                    break;
                case "--limit" when double.TryParse(value, CultureInfo.InvariantCulture, out double limit) && limit > 0:
                    options = options with { LimitMilliseconds = limit };
                    i++;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
