namespace Fwknop.Benchmarks;

/// <summary>What was measured of one daemon.</summary>
/// <param name="Filling">How long all grants took to make.</param>
/// <param name="Idle">What it used in <see cref="Measurement.IdleTime"/> without a packet while they were live.</param>
/// <param name="More">From the client's send to the line about the opening, while they were live.</param>
/// <param name="Late">From the end that a grant should have to the line that it has ended.</param>
internal sealed record Result(TimeSpan Filling, Usage Idle, Distribution More, Distribution Late);
