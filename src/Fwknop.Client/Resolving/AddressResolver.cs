using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>
/// Finds out which address we have for the rest of the world (client.md 12): from a web service, from the program of <c>-w</c>, or in
/// the clear with <c>--resolve-http-only</c>. <c>-a local</c> asks nobody but the routing table (client.md 20, F60).
/// </summary>
internal sealed class AddressResolver(Settings settings, Messages messages, ClientEnvironment environment)
{
    private readonly ResolverSetup _setup = environment.Resolving;
    private readonly string _userAgent = settings.UserAgent ?? VersionText.UserAgent;
    private readonly AddressFamily _family = settings.Allow.IsResolveIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <returns>Null when the run must end; the reason has been printed.</returns>
    public IPAddress? Resolve() =>
        settings.Allow.IsLocal ? AskRoute()
        : settings.ResolveHttpOnly ? AskPlainServices()
        : settings.WgetCommand is { } command ? AskCommand(command)
        : AskServices();

    // Of a name's addresses IPv4 ones come first, as for the packet.
    private IPAddress? AskRoute()
    {
        if (settings.Destination is not { } server)
        {
            messages.Error("[-] Could not resolve IP: the address that the route to the server uses is wanted (local), but there is no --destination.");
            return null;
        }

        IReadOnlyList<IPAddress> addresses =
            new HostAddresses(environment.Network.Names).Find(server, settings.Families, preferIPv6: false, out string? problem);
        IPAddress? local = problem is null ? environment.Following.Connector.LocalAddressTowards(addresses[0]) : null;
        if (local is null)
        {
            messages.Error($"[-] Could not resolve IP via: route to {server}: {problem ?? "there is none"}");
            return null;
        }

        // An interface's number, which link-local addresses carry, means nothing to a server.
        IPAddress address = new(local.GetAddressBytes());
        Announce($"route to {server}", address, kind: "local");
        return address;
    }

    private IPAddress? AskServices()
    {
        if (!TryChooseUrls(_setup.Services, out List<ResolverUrl> urls))
        {
            return null;
        }

        WebService service = new(_setup, environment.Network.Names, _userAgent, _family);
        List<string> failures = [];
        foreach (ResolverUrl url in urls)
        {
            ResolverAnswer answer = service.Ask(url);
            CheckClock(answer, url);
            if (answer.Address is { } address)
            {
                failures.ForEach(messages.Info);
                Announce($"'{url.Text}'", address);
                return address;
            }

            // "wget" belongs to the text: scripts look for it (client.md 15.2).
            failures.Add($"[-] Could not resolve IP via: '{url.Text}' (built-in; --wget-cmd selects an external command): {answer.Problem}");
        }

        failures.ForEach(messages.Error);
        return null;
    }

    private IPAddress? AskCommand(string command)
    {
        if (!TryChooseUrls([_setup.Services[0]], out List<ResolverUrl> urls))
        {
            return null;
        }

        WgetCommand wget = new(command, settings.UseWgetUserAgent ? null : _userAgent, urls[0]);
        ResolverAnswer answer = wget.Run(environment.Variable("PATH"), _family, _setup.CommandLimit);
        if (answer.Address is { } address)
        {
            Announce($"'{wget.Text}'", address);
            return address;
        }

        messages.Error($"[-] Could not resolve IP via: '{wget.Text}'");
        messages.Error($"    {answer.Problem}");
        return null;
    }

    private IPAddress? AskPlainServices()
    {
        if (settings.ResolveUrl is { } given && given.StartsWith("https", StringComparison.OrdinalIgnoreCase))
        {
            messages.Error("[*] https is not supported for --resolve-http-only.");
            return null;
        }

        if (!TryChooseUrls(_setup.PlainServices, out List<ResolverUrl> urls))
        {
            return null;
        }

        PlainHttpService service = new(_setup, environment.Network.Names, messages, _userAgent, _family);
        for (int i = 0; i < urls.Count; i++)
        {
            if (i > 0)
            {
                Thread.Sleep(_setup.PlainPause);
            }

            ResolverAnswer answer = service.Ask(urls[i]);
            CheckClock(answer, urls[i]);
            if (answer.Address is { } address)
            {
                Announce(PlainHttpService.Name(urls[i]), address);
                return address;
            }

            messages.Error(answer.Problem);
        }

        return null;
    }

    // The user's URL, or else the built-in ones.
    private bool TryChooseUrls(IReadOnlyList<string> services, out List<ResolverUrl> urls)
    {
        urls = [];
        if (settings.ResolveUrl is { } given && !settings.ResolveHttpOnly && !given.StartsWith("https", StringComparison.OrdinalIgnoreCase))
        {
            messages.Warning($"[-] Warning: IP resolution URL '{given}' should begin with 'https://' in -R mode.");
        }

        foreach (string text in settings.ResolveUrl is null ? services : [settings.ResolveUrl])
        {
            if (!ResolverUrl.TryParse(text, out ResolverUrl? url, out string problem))
            {
                messages.Error(problem);
                messages.Error("Error parsing resolve-url");
                return false;
            }

            urls.Add(url);
        }

        return true;
    }

    private void CheckClock(ResolverAnswer answer, ResolverUrl url)
    {
        if (answer.ServiceTime is { } time
            && ClockCheck.Warning(time, url.Host, environment.Clock.GetUtcNow(), settings.TimeOffset.Seconds) is { } warning)
        {
            messages.Warning(warning);
        }
    }

    private void Announce(string source, IPAddress address, string kind = "external") =>
        messages.Info($"\n[+] Resolved {kind} IP (via {source}) as: {address}");
}
