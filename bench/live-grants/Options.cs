using System.Globalization;

namespace Fwknop.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string Usage = """
        Usage: live-grants [--grants N] [--seconds N] [--only FIREWALL] [--limit MILLISECONDS]

          --grants N            live at the same time, 1 to 16000 (10000)
          --seconds N           how long each lasts, 1 to 40000 (120)
          --only FIREWALL       only this one, by the name in the output, such as "ipset"
          --limit MILLISECONDS  fail when an end is later, or earlier, than that (1000)
        """;

    public int Grants { get; init; } = 10_000;

    public int Seconds { get; init; } = 120;

    public double LimitMilliseconds { get; init; } = 1000;

    public IReadOnlyList<Candidate> Candidates { get; init; } = Candidate.All;

    public static bool TryParse(string[] words, out Options options, out string complaint)
    {
        options = new Options();
        complaint = Usage;
        for (int i = 0; i < words.Length; i += 2)
        {
            string value = i + 1 < words.Length ? words[i + 1] : "";
            switch (words[i])
            {
                case "--grants" when TryCount(value, 16_000, out int grants):
                    options = options with { Grants = grants };
                    break;
                case "--seconds" when TryCount(value, 40_000, out int seconds):
                    options = options with { Seconds = seconds };
                    break;
                case "--limit" when double.TryParse(value, CultureInfo.InvariantCulture, out double limit) && limit > 0:
                    options = options with { LimitMilliseconds = limit };
                    break;
                case "--only" when Candidate.All.Any(candidate => candidate.Name == value):
                    options = options with { Candidates = [.. Candidate.All.Where(candidate => candidate.Name == value)] };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static bool TryCount(string text, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 1 && count <= most;
}
