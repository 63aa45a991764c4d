using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>One firewall that daemons of both implementations use one after the other, with a plain and a forwarded grant.</summary>
/// <param name="configuration">fwknopd.conf of both.</param>
/// <param name="grantTime">In seconds.</param>
internal sealed class FirewallEstate(string configuration, int grantTime) : IDisposable
{
    public const string PlainAddress = "10.9.9.1";
    public const string ForwardedAddress = "10.9.9.2";

    private readonly TemporaryFolder _folder = new();
    private readonly SharedKeys _keys = SharedKeys.Random();

    public TestNetwork Network { get; } = TestNetwork.Create();

    public SpaDaemon Start(Implementation implementation) =>
        SpaDaemon.Start(implementation.Daemon(), Network.Server, new DaemonSetup(Access, ConfigurationOf(implementation)));

    /// <summary>Has a daemon grant both requests and be killed.</summary>
    /// <returns>When they end, in seconds since 1970: the plain one, then the forwarded one.</returns>
    public long[] Leave(Implementation implementation)
    {
        using SpaDaemon daemon = Start(implementation);
        long plain = SpaDaemon.ExpiryIn(Knock(daemon, PlainAddress, "access", "-A", "tcp/8001"));
        long forwarded = SpaDaemon.ExpiryIn(Knock(daemon, ForwardedAddress, "SNAT", "-A", "tcp/8002", "-N", "10.5.5.1:22"));
        daemon.Crash();
        return [plain, forwarded];
    }

    /// <summary>What <c>--fw-list</c> of an implementation says.</summary>
    public string List(Implementation implementation)
    {
        string file = _folder.Write("fwknopd.conf", $"{ConfigurationOf(implementation)}FWKNOP_RUN_DIR {_folder.FilePath("run")};\nPCAP_INTF {TestNetwork.Interface};\n");
        return Network.Server.RunChecked(implementation.Daemon(), "--fw-list", "-c", file, "-a", _folder.Write("access.conf", Access)).Output;
    }

    public string Rules() => Network.Server.RunChecked("iptables-save").Output;

    public void Dispose()
    {
        Network.Dispose();
        _folder.Dispose();
    }

    private string Access => $"SOURCE ANY\nFW_ACCESS_TIMEOUT {grantTime}\n{_keys.AccessLines}";

    private string ConfigurationOf(Implementation implementation) => implementation.DaemonConfiguration() + configuration;

    private string Knock(SpaDaemon daemon, string address, string last, params IReadOnlyList<string> arguments) => daemon.LogAfter(
        $"^Added {last} rule to .* for {address} -> ",
        () => new SpaClient(Reference.ClientProgram, Network.Client).Knock(
            ["-D", $"{Network.ServerAddress}", "-a", address, .. arguments, .. _keys.ClientArguments]));
}
