using System.Globalization;
using Fwknop.Fuzz;

const int Found = 1;
const int Usage = 2;

if (args.Length is 0 or > 3 || FuzzTargets.Find(args[0]) is not { } target)
{
    Console.Error.WriteLine("usage: Fwknop.Fuzz TARGET [SEED [COUNT]]");
    foreach (var known in FuzzTargets.All)
    {
        Console.Error.WriteLine($"  {known.Name,-12} {known.Purpose}");
    }

    return Usage;
}

if (!TryNumber(1, Environment.TickCount, out var seed) || !TryNumber(2, 1_000_000, out var count))
{
    Console.Error.WriteLine("SEED and COUNT are whole numbers.");
    return Usage;
}

Console.WriteLine($"{target.Name}: seed {seed}, {count} inputs");
if (FuzzRun.FindFailure(target, seed, count) is not { } failure)
{
    Console.WriteLine("nothing found");
    return 0;
}

Console.WriteLine(failure);
return Found;

bool TryNumber(int index, int fallback, out int number)
{
    number = fallback;
    return index >= args.Length || int.TryParse(args[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
