using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>A daemon that captures whatever may carry a packet, beside a TCP service on the port of SPA.</summary>
public abstract class TransportPair : Pair
{
    public const int Port = 62201;

    private readonly Lazy<TcpService> _service;

    protected TransportPair(Implementation client, Implementation daemon)
        : base(client, daemon, $"SOURCE ANY\nFW_ACCESS_TIMEOUT 60\n{Keys.AccessLines}")
    {
        _service = new(() =>
        {
            Network.Server.RunChecked("iptables", "-A", "INPUT", "-p", "tcp", "--dport", $"{Port}", "-j", "ACCEPT");
            return TcpService.Start(Network.Server, Port);
        });
    }

    public static SharedKeys Keys { get; } = SharedKeys.Random();

    protected override string Configuration => $"PCAP_FILTER port {Port} or port 443 or icmp;\nENABLE_SPA_OVER_HTTP Y;\n";

    /// <summary>Sends over a transport.</summary>
    public void Knock(string request, params IReadOnlyList<string> arguments)
    {
        SpaClient client = Client;
        _ = _service.Value;
        client.Knock([.. Request(request), .. Keys.ClientArguments, .. arguments]);
    }

    protected override void Dispose(bool disposing)
    {
        if (_service.IsValueCreated)
        {
            _service.Value.Dispose();
        }

        base.Dispose(disposing);
    }
}
