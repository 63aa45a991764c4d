using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Why a port is not open after a knock: a server that refuses a packet does not answer, so these are guesses from what is seen.</summary>
/// <param name="settings">The settings of the request.</param>
/// <param name="message">What was asked for.</param>
/// <param name="clock">Ours, which the server compares with its own.</param>
/// <param name="local">The address that our connections leave with, or null.</param>
internal sealed class Diagnosis(Settings settings, SpaMessage message, TimeProvider clock, IPAddress? local)
{
    /// <param name="target">What was tried.</param>
    /// <param name="name">The same for the user.</param>
    /// <param name="result">The last attempt.</param>
    /// <param name="before">What the port said before the knock, when that is known.</param>
    public string Text(IPEndPoint target, string name, PortWaitResult result, ConnectOutcome? before)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"[-] {name} is not open {result.Elapsed.TotalSeconds:0.#} s after the knock: ");
        switch (result.Attempt.Outcome)
        {
            case ConnectOutcome.Refused:
                text.Append("connection refused.\n");
                AppendRefused(text, target, before);
                break;
            case ConnectOutcome.NoAnswer:
                text.Append("no answer. What may be wrong:\n");
                AppendCauses(text);
                break;
            case ConnectOutcome.Unreachable:
                text.Append(CultureInfo.InvariantCulture, $"{result.Attempt.Reason}.\n");
                text.Append("    There is no way to the server, or a packet filter answers so (REJECT). In that case:\n");
                AppendCauses(text);
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{result.Attempt.Reason}.\n");
                break;
        }

        return text.ToString().TrimEnd('\n');
    }

    private void AppendRefused(StringBuilder text, IPEndPoint target, ConnectOutcome? before)
    {
        if (before == ConnectOutcome.NoAnswer)
        {
            text.Append(CultureInfo.InvariantCulture, $"    The knock worked, since before it there was no answer. But nothing listens on port {target.Port}.\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"    Nothing listens on port {target.Port}, or a packet filter answers so (REJECT). In that case:\n");
        AppendCauses(text);
    }

    private void AppendCauses(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"    - Clocks: here it is {clock.GetLocalNow():yyyy-MM-dd HH:mm:ss zzz} ({clock.LocalTimeZone.Id}). ");
        text.Append("A server takes no packet that is more than 120 s off its own clock, if not set otherwise.\n");
        text.Append(CultureInfo.InvariantCulture, $"    - Address: {AddressCause()}\n");
        text.Append(CultureInfo.InvariantCulture, $"    - Server: fwknopd may not look at {RouteText()}, or a firewall on the way drops the packet.\n");
        text.Append("    - Keys or policy: the keys are not the server's, or its access.conf does not allow this. Its log tells.\n");
    }

    private string AddressCause()
    {
        IPAddress? allowed = message.AllowAddress;
        string ours = local is null ? "is not known" : $"is {local}";
        return allowed is null || allowed.Equals(IPAddress.Any)
            ? $"the server allows the address that the packet came from; here it {ours}. The server may forbid that (REQUIRE_SOURCE_ADDRESS): -R or -a names an address."
            : allowed.Equals(local)
            ? $"the packet allows {allowed}, the one used here. Behind NAT the server sees another one: -R finds it."
            : $"the packet allows {allowed}, the one used here {ours}. The server must see connections come from the allowed one.";
    }

    private string RouteText() => settings.RandomPort
        ? $"random ports over {TransportNames.GetName(settings.Transport)}"
        : $"port {settings.ServerPort} over {TransportNames.GetName(settings.Transport)}";
}
