using System.Globalization;

namespace Fwknop.Benchmarks;

/// <summary>Measured times, by rank.</summary>
internal sealed class Distribution
{
    private readonly double[] _sorted;

    public Distribution(IEnumerable<TimeSpan> times)
    {
        _sorted = [.. times.Select(time => time.TotalMilliseconds).Order()];
    }

    public double Minimum => _sorted[0];

    public double Median => Percentile(50);

    /// <summary>The smallest time that at least so many per cent do not exceed (nearest rank).</summary>
    public double Percentile(int percent) => _sorted[((_sorted.Length * percent) + 99) / 100 - 1];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Median,8:0.00} {Percentile(95),8:0.00} {Minimum,8:0.00} {_sorted[^1],8:0.00}");
}
