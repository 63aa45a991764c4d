using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>A daemon with its way to capture and its firewall.</summary>
internal sealed record Candidate(string Name, CandidateRole Role, string Program, string Configuration, params IReadOnlyList<string> Arguments)
{
    /// <summary>An administrator's rules drop what is not granted; else fwknopd's own table does.</summary>
    public bool NeedsDroppingFirewall => !Configuration.Contains("GUARD_PORTS", StringComparison.Ordinal);

    public static IEnumerable<Candidate> All(bool referenceOnly)
    {
        const string Guard = $"FIREWALL_TYPE nftables;\nGUARD_PORTS {Measurement.GuardedPort};\n";

        yield return new("fwknopd 2.6 of the distribution, pcap", CandidateRole.Reference, Reference.DaemonProgram, "");
        yield return new("fwknopd 2.6 of the distribution, UDP", CandidateRole.Other, Reference.DaemonProgram, "", "-U");
        if (referenceOnly)
        {
            yield break;
        }

        yield return new("fwknop for .NET, pcap, nftables", CandidateRole.Ours, Programs.Daemon, Guard);
        yield return new("fwknop for .NET, UDP, nftables", CandidateRole.Other, Programs.Daemon, Guard, "-U");
        yield return new("fwknop for .NET, pcap, iptables", CandidateRole.Other, Programs.Daemon, "FIREWALL_TYPE iptables;\n");
    }
}
