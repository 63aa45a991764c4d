using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>A daemon with a stanza for each thing that can be set.</summary>
public abstract class AccessPair(Implementation client, Implementation daemon) : Pair(client, daemon, Access())
{
    public const string Main = "main";
    public const string OpenPorts = "open ports";
    public const string RestrictPorts = "restrict ports";
    public const string Username = "username";
    public const string Expired = "expired";
    public const string OtherTimes = "other times";
    public const string NoTimes = "no times";

    private static readonly (string Name, string Lines)[] Stanzas =
    [
        (Main, "REQUIRE_SOURCE_ADDRESS Y\nFW_ACCESS_TIMEOUT 60\n"),
        (OpenPorts, "OPEN_PORTS tcp/2000, udp/53\n"),
        (RestrictPorts, "RESTRICT_PORTS tcp/2001, tcp/2002\n"),
        (Username, "REQUIRE_USERNAME somebody\n"),
        (Expired, "ACCESS_EXPIRE 01/01/2020\n"),
        (OtherTimes, "FW_ACCESS_TIMEOUT 20\nMAX_FW_TIMEOUT 40\n"),
        (NoTimes, ""),
    ];

    public static SharedKeys Stranger { get; } = SharedKeys.Random();

    public static IReadOnlyDictionary<string, SharedKeys> KeysOf { get; } =
        Stanzas.ToDictionary(stanza => stanza.Name, _ => SharedKeys.Random());

    private static string Access() =>
        string.Concat(Stanzas.Select(stanza => $"SOURCE ANY\n{stanza.Lines}{KeysOf[stanza.Name].AccessLines}"));
}

public sealed class OurClientAccessTests(OurClientAccessTests.Programs pair) : AccessTests(pair), IClassFixture<OurClientAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Ours, Implementation.Reference);
}

public sealed class OurDaemonAccessTests(OurDaemonAccessTests.Programs pair) : AccessTests(pair), IClassFixture<OurDaemonAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Reference, Implementation.Ours);
}

/// <summary>The reference with itself: shows that what fails elsewhere is not the tests' fault.</summary>
public sealed class ReferenceAccessTests(ReferenceAccessTests.Programs pair) : AccessTests(pair), IClassFixture<ReferenceAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Reference, Implementation.Reference);
}
