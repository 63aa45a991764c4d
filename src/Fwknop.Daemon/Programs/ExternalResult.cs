namespace Fwknop.Daemon.Programs;

/// <summary>What a program answered.</summary>
/// <param name="Succeeded">It ended by itself with status 0.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Why it failed, in its own words, as one line; empty on success.</param>
internal sealed record ExternalResult(bool Succeeded, string Output, string Error)
{
    /// <summary>Its exit status; null when it could not be run, or did not end by itself.</summary>
    public int? Status { get; init; } = 0;

    public static ExternalResult Failure(string reason) => new(Succeeded: false, "", reason) { Status = null };
}
