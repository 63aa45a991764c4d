using System.Globalization;
using Fwknop.Benchmarks;
using Fwknop.TestSupport;

if (!Options.TryParse(args, out Options options, out string complaint))
{
    Console.Error.WriteLine(complaint);
    return 2;
}

if (Requirement.WhyNotRoot("ip", "iptables-nft", "iptables-legacy", "ipset", "nft") is { } missing)
{
    Console.Error.WriteLine(missing);
    return 1;
}

Console.WriteLine($"{options.Grants} live grants of {options.Seconds} s. Times in milliseconds: p50, p95, min, max.");
int status = 0;
foreach (Candidate candidate in options.Candidates)
{
    Result result = new Measurement(candidate, options.Grants, options.Seconds).Run();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

        {candidate.Name}
          all of them made in                    {result.Filling.TotalSeconds,8:0.0} s
          processor time used in {Measurement.IdleTime.TotalSeconds:0} s of idleness   {result.Idle.Processor.TotalMilliseconds,8:0}
          wake-ups in that time                  {result.Idle.WakeUps,8}
          one more: send to line of its opening  {result.More}
          its end: how late the line of it is    {result.Late}
        """));
    if (result.Late.Percentile(100) > options.LimitMilliseconds)
    {
        Console.WriteLine($"  An end was more than {options.LimitMilliseconds} ms late.");
        status = 1;
    }

    if (result.Late.Minimum < -options.LimitMilliseconds)
    {
        Console.WriteLine($"  An end was more than {options.LimitMilliseconds} ms early.");
        status = 1;
    }
}

return status;
