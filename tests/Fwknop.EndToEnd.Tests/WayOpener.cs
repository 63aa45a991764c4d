namespace Fwknop.EndToEnd.Tests;

/// <summary>A packet that opens ways.</summary>
/// <param name="Line">The last line that the daemon logs when they are open, a regular expression; it has their end.</param>
/// <param name="Knock">Sends it.</param>
/// <param name="Ways">What it opens.</param>
internal sealed record WayOpener(string Line, Action Knock, params IReadOnlyList<Way> Ways);
