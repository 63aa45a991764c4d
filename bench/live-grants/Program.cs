using System.Globalization;
using Fwknop.Benchmarks;
using Fwknop.TestSupport;

if (!TryParse(args, out int grants, out int seconds))
{
    Console.Error.WriteLine("""
        Usage: live-grants [--grants N] [--seconds N]

          --grants N   live at the same time, 1 to 40000 (10000)
          --seconds N  how long each lasts (120)
        """);
    return 2;
}

if (Requirement.WhyNotRoot("ip", "iptables", "nft") is { } missing)
{
    Console.Error.WriteLine(missing);
    return 1;
}

Console.WriteLine($"{grants} live grants of {seconds} s. Times in milliseconds: p50, p95, min, max.");
foreach (Candidate candidate in Candidate.All)
{
    Result result = new Measurement(candidate, grants, seconds).Run();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

        {candidate.Name}
          all of them made in                    {result.Filling.TotalSeconds,8:0.0} s
          processor time used in {Measurement.IdleTime.TotalSeconds:0} s of idleness   {result.Idle.TotalMilliseconds,8:0}
          one more: send to line of its opening  {result.More}
          its end: how late the line of it is    {result.Late}
        """));
}

return 0;

static bool TryParse(string[] words, out int grants, out int seconds)
{
    (grants, seconds) = (10_000, 120);
    for (int i = 0; i < words.Length; i += 2)
    {
        if (i + 1 == words.Length || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value is < 1 or > 40_000)
        {
            return false;
        }

        switch (words[i])
        {
            case "--grants":
                grants = value;
                break;
            case "--seconds":
                seconds = value;
                break;
            default:
                return false;
        }
    }

    return true;
}
