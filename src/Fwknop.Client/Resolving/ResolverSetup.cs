using System.Security.Cryptography.X509Certificates;

namespace Fwknop.Client;

/// <summary>Whom <c>-R</c> asks and for how long. No option reaches what is here; tests put their own servers in.</summary>
internal sealed record ResolverSetup
{
    /// <summary>Asked in this order until one answers, unless the user names one. The first is the reference's.</summary>
    public IReadOnlyList<string> Services { get; init; } =
    [
        "https://www.cipherdyne.org/cgi-bin/myip",
        "https://checkip.amazonaws.com",
        "https://api.ipify.org",
        "https://icanhazip.com",
    ];

    /// <summary>The same for <c>--resolve-http-only</c> (client.md 12.2).</summary>
    public IReadOnlyList<string> PlainServices { get; init; } =
        ["http://www.cipherdyne.org/cgi-bin/myip", "http://www.cipherdyne.com/cgi-bin/myip"];

    /// <summary>How long one service may take, from the look-up of its name to the end of its answer. Our choice.</summary>
    public TimeSpan ServiceLimit { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Between two services of <see cref="PlainServices"/> (client.md 12.2).</summary>
    public TimeSpan PlainPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an external command may take. Our choice.</summary>
    public TimeSpan CommandLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The only root that certificates may lead to, instead of those of the operating system.</summary>
    public X509Certificate2? OnlyRoot { get; init; }
}
