using System.Net;
using Fwknop.Configuration.CommandLine;
using Fwknop.Configuration.Files;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>FORCE_NAT and what belongs to it, while the lines of a stanza are read.</summary>
internal sealed class NatDraft
{
    private readonly List<ForcedTarget> _targets = [];
    private readonly List<IPAddress> _sourceAddresses = [];
    private Place? _targetPlace;
    private Place? _sourcePlace;

    /// <summary>NAT_TARGETS.</summary>
    public NatTargetList? AllowedTargets { get; set; }

    /// <summary>FORCE_MASQUERADE.</summary>
    public bool Masquerades { get; set; }

    /// <summary>FORWARD_ALL.</summary>
    public bool ForwardsAll { get; set; }

    /// <summary>DISABLE_DNAT.</summary>
    public bool KeepsDestination { get; set; }

    /// <summary>
    /// FORCE_NAT <c>IP PORT</c> (server.md 4.2). Ours: behind it <c>tcp</c>, <c>udp</c> or a port such as <c>tcp/2222</c>, the requested ports that it is for; so
    /// there can be several lines; and of each of them one for IPv4 and one for IPv6.
    /// </summary>
    public void AddTarget(string value, Place place)
    {
        string[] words = value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (2 or 3))
        {
            place.Error($"[*] Fatal: invalid FORCE_NAT arg '{value}', need <IP> <PORT>");
        }
        else if (!NatAddress.TryParse(words[0], out IPAddress? address))
        {
            place.Error($"[*] Fatal: invalid FORCE_NAT IP '{words[0]}'");
        }
        else if (!StrictNumber.TryParse(words[1], 1, ushort.MaxValue, out int port))
        {
            place.Error($"[*] Fatal: invalid FORCE_NAT port '{words[1]}'");
        }
        else if (!TryReadRequested(words.Length == 3 ? words[2] : "", out TransportProtocol? protocol, out ushort? requested))
        {
            place.Error($"[*] Fatal: invalid FORCE_NAT requested port '{words[2]}', need tcp, udp or a port such as tcp/22");
        }
        else
        {
            // The last one counts, as with all variables.
            _targets.RemoveAll(target =>
                target.Protocol == protocol && target.RequestedPort == requested && target.Address.AddressFamily == address.AddressFamily);
            _targets.Add(new ForcedTarget(address, (ushort)port, protocol, requested));
            _targetPlace = place;
        }
    }

    /// <summary>FORCE_SNAT <c>IP</c> (server.md 4.2). Ours: one line for IPv4 and one for IPv6.</summary>
    public void AddSource(string value, Place place)
    {
        _sourcePlace = place;
        if (value.Contains(' ', StringComparison.Ordinal))
        {
            place.Error($"[*] Fatal: invalid FORCE_SNAT arg '{value}', need <IP>");
        }
        else if (!NatAddress.TryParse(value, out IPAddress? address))
        {
            place.Error($"[*] Fatal: invalid FORCE_SNAT IP '{value}'");
        }
        else
        {
            _sourceAddresses.RemoveAll(other => other.AddressFamily == address.AddressFamily);
            _sourceAddresses.Add(address);
        }
    }

    /// <summary>FORCE_MASQUERADE.</summary>
    public void SetMasquerade(bool yes, Place place)
    {
        Masquerades = yes;
        _sourcePlace = yes ? place : _sourcePlace;
    }

    /// <summary>Checks them together, and with fwknopd.conf (server.md 4.4 step 4; 13, Q25).</summary>
    /// <param name="sourceText">By what messages name the stanza.</param>
    /// <param name="settings">What fwknopd.conf allows.</param>
    /// <param name="place">The stanza's SOURCE.</param>
    public bool Check(string sourceText, NatSettings settings, Place place)
    {
        if (!settings.IsSupported)
        {
            return CheckNone(place);
        }

        bool isGood = true;
        if (_targets.Count > 0 && !settings.IsOn)
        {
            isGood = Fail(_targetPlace, "FORCE_NAT requires either ENABLE_IPT_FORWARDING or ENABLE_IPT_LOCAL_NAT in fwknopd.conf");
        }

        if (ForwardsAll && !settings.Forwards)
        {
            isGood = Fail(null, $"FORWARD_ALL requires ENABLE_IPT_FORWARDING in fwknopd.conf: '{sourceText}'");
        }

        bool hasSource = _sourceAddresses.Count > 0 || Masquerades;
        if (hasSource && _targets.Count == 0 && !ForwardsAll)
        {
            isGood = Fail(null, $"FORCE_SNAT/FORCE_MASQUERADE requires either FORCE_NAT or FORWARD_ALL: '{sourceText}'");
        }

        if (hasSource && !settings.TranslatesSource)
        {
            isGood = Fail(_sourcePlace, "FORCE_SNAT/FORCE_MASQUERADE requires ENABLE_IPT_SNAT in fwknopd.conf");
        }

        return isGood;

        bool Fail(Place? at, string text)
        {
            (at ?? place).Error($"[*] {text}");
            return false;
        }
    }

    /// <summary>For a firewall that forwards nothing.</summary>
    private bool CheckNone(Place place)
    {
        string? name = _targets.Count > 0 ? "FORCE_NAT" : ForwardsAll ? "FORWARD_ALL" : _sourceAddresses.Count > 0 ? "FORCE_SNAT" : Masquerades ? "FORCE_MASQUERADE" : null;
        if (name is not null)
        {
            (_targetPlace ?? _sourcePlace ?? place).Error($"[*] {name} not supported.");
        }

        return name is null;
    }

    /// <summary>What is left of it when the stanza is read.</summary>
    public StanzaNat Make() => new()
    {
        Targets = [.. _targets],
        AllowedTargets = AllowedTargets,
        SourceAddresses = [.. _sourceAddresses],
        Masquerades = Masquerades,
        ForwardsAll = ForwardsAll,
        KeepsDestination = KeepsDestination,
    };

    private static bool TryReadRequested(string text, out TransportProtocol? protocol, out ushort? port)
    {
        protocol = text.Split('/')[0].ToUpperInvariant() switch
        {
            "TCP" => TransportProtocol.Tcp,
            "UDP" => TransportProtocol.Udp,
            _ => null,
        };
        port = null;
        if (text.Length == 0 || !text.Contains('/', StringComparison.Ordinal))
        {
            return text.Length == 0 || protocol is not null;
        }

        bool isPort = PortList.TryParse(text, out PortList? list, out _) && list.Ranges is [{ IsSingle: true }];
        port = isPort ? (ushort)list!.Ranges[0].First : null;
        return isPort;
    }
}
