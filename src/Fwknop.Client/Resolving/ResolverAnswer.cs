using System.Net;

namespace Fwknop.Client;

/// <summary>What asking one service came to.</summary>
/// <param name="Address">Our address as the service sees it, or null.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="ServiceTime">The time of day at the service, when it said so.</param>
internal sealed record ResolverAnswer(IPAddress? Address, string Problem = "", DateTimeOffset? ServiceTime = null);
