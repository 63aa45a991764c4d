using System.Globalization;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>The commands of ipfw that are used (server.md 9.4).</summary>
/// <param name="executable">FIREWALL_EXE.</param>
/// <param name="settings">The sets.</param>
/// <param name="timeout">How long each may take.</param>
/// <param name="log">Where they are told.</param>
internal sealed class IpfwProgram(string executable, IpfwSettings settings, TimeSpan timeout, IFirewallLog log)
{
    private readonly string _active = Text(settings.ActiveSet);

    private readonly string _expire = Text(settings.ExpireSet);

    /// <summary>The path, and whether it is one.</summary>
    public string Executable => executable;

    /// <summary>Every rule of every set, each with its set.</summary>
    public ExternalResult ListEverything() => Run("-S", "list");

    public ExternalResult ListActive() => Run("set", _active, "list");

    /// <summary>The rules of the expire set, which are disabled.</summary>
    public ExternalResult ListExpired() => Run("-S", "set", _expire, "list");

    /// <summary>The connections that hold on to rules of the expire set.</summary>
    public ExternalResult ListHeld() => Run("-d", "set", _expire, "list");

    public ExternalResult Add(int number, GrantKey key, long epoch) => Run(["add", Text(number), "set", _active, .. IpfwRuleText.Of(key, epoch)]);

    public ExternalResult AddCheckState(int number) => Run("add", Text(number), "set", _active, IpfwRuleText.CheckState);

    /// <summary>Out of force, but there: connections that it let in live on.</summary>
    public ExternalResult Move(int number) => Run("set", "move", "rule", Text(number), "to", _expire);

    /// <summary>Takes rules out of the active set, with the connections that they let in.</summary>
    public ExternalResult Delete(int number) => Run("set", _active, "delete", Text(number));

    public ExternalResult DeleteExpired(int number) => Run("set", _expire, "delete", Text(number));

    public ExternalResult DeleteActive() => Run("delete", "set", _active);

    public ExternalResult DisableExpireSet() => Run("set", "disable", _expire);

    public ExternalResult EnableActiveSet() => Run("set", "enable", _active);

    /// <summary>What <c>--fw-list</c> shows.</summary>
    public ExternalResult Show(bool active) => Run("-d", "-S", "-T", "set", active ? _active : _expire, "list");

    /// <summary>What <c>--fw-list-all</c> shows.</summary>
    public ExternalResult ShowEverything() => Run("list");

    private ExternalResult Run(params IReadOnlyList<string> arguments) => FirewallProgram.Run(executable, arguments, "", timeout, log);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
