namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What sequences ask for: few enough that steps meet, and some whose rules are equal or whose connections are led to two places.</summary>
internal static class Wishes
{
    private const string Inner = "10.5.5.5";
    private const string Inner6 = "fd00::5";

    public static IReadOnlyList<Wish> All { get; } =
    [
        Wish.Port("10.0.0.1", "tcp", 22),
        Wish.Port("10.0.0.1", "udp", 53),
        Wish.Port("10.0.0.2", "tcp", 22),
        Wish.Port("10.0.0.0/24", "tcp", 8000, 8010),
        Wish.Port("10.0.0.1", "tcp", 22) with { Destination = "10.9.9.9" },
        Wish.Port("2001:db8::1", "tcp", 22),
        Wish.Port("2001:db8::/64", "udp", 53) with { Destination = "2001:db8::9" },
        Wish.Port("10.0.0.1", "tcp", 80) with { Way = "forward", To = Inner, ToPort = 22 },
        Wish.Port("10.0.0.1", "tcp", 81) with { Way = "forward", To = Inner, ToPort = 22, NewSource = Wish.Masquerade },
        Wish.Port("10.0.0.1", "tcp", 80) with { Way = "forward", To = "10.5.5.6", ToPort = 22 },
        Wish.Port("10.0.0.2", "udp", 80) with { Way = "forward", To = Inner, ToPort = 53, NewSource = "10.5.5.1" },
        Wish.Port("10.0.0.2", "tcp", 81) with { Way = "local", ToPort = 22 },
        Wish.Port("10.0.0.2", "tcp", 82) with { Way = "local", To = "10.9.9.9", ToPort = 2222, Destination = "10.9.9.8" },
        Wish.Port("10.0.0.3", "tcp", 2222) with { Way = "forward", To = Inner, ToPort = 2222, Keeps = true },
        Wish.Port("10.0.0.0/24", "tcp", 1) with { Way = "all", NewSource = Wish.Masquerade },
        Wish.Port("10.0.0.4", "tcp", 1) with { Way = "all", To = Inner, NewSource = "10.5.5.1" },
        Wish.Port("2001:db8::1", "tcp", 80) with { Way = "forward", To = Inner6, ToPort = 22, NewSource = Wish.Masquerade },
        Wish.Port("2001:db8::2", "tcp", 81) with { Way = "local", ToPort = 22 },
        Wish.Port("2001:db8::3", "tcp", 1) with { Way = "all", To = Inner6 },
    ];
}
