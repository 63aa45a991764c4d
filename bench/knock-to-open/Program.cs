using Fwknop.Benchmarks;
using Fwknop.TestSupport;

if (!Options.TryParse(args, out Options options, out string complaint))
{
    Console.Error.WriteLine(complaint);
    return 2;
}

if ((Requirement.WhyNotRoot("ip", "iptables", "nft") ?? Reference.WhyMissing()) is { } missing)
{
    Console.Error.WriteLine(missing);
    return 1;
}

Candidate[] candidates = [.. Candidate.All(options.ReferenceOnly)];
Console.WriteLine($"Time from the client's send to the first TCP connection that succeeds, {options.Knocks} knocks each, in milliseconds");
Console.WriteLine();
Console.WriteLine($"{"",-42} {"p50",8} {"p95",8} {"min",8} {"max",8}");

Dictionary<Candidate, Distribution> results = [];
foreach (Candidate candidate in candidates)
{
    Distribution result = Measurement.Run(candidate, options.Knocks);
    results[candidate] = result;
    Console.WriteLine($"{candidate.Name,-42} {result}");
}

return Verdict.Print(results, options.LimitMilliseconds);
