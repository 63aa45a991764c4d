namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>One set of grants: addresses, protocol and port concatenated, each element with its own kernel timeout.</summary>
internal sealed record NftSet(string Name, bool IsIPv6, bool HasDestination)
{
    public string Definition
    {
        get
        {
            string address = IsIPv6 ? "ipv6_addr" : "ipv4_addr";
            string addresses = HasDestination ? $"{address} . {address}" : address;
            return $"{{ type {addresses} . inet_proto . inet_service; flags timeout; }}";
        }
    }

    /// <summary>What of a packet is looked up in it.</summary>
    public string Selector
    {
        get
        {
            string ip = IsIPv6 ? "ip6" : "ip";
            string addresses = HasDestination ? $"{ip} saddr . {ip} daddr" : $"{ip} saddr";
            return $"{addresses} . meta l4proto . th dport";
        }
    }
}
