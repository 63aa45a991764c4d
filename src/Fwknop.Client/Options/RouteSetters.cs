using System.Text;

namespace Fwknop.Client;

/// <summary>Setters of where and how the packet travels (client.md 4.2).</summary>
internal static class RouteSetters
{
    public const byte MaxIcmpType = 40;
    public const byte MaxIcmpCode = 15;

    // A missing value makes getopt take the next option for it: `-D -v` (client.md 3, decision).
    public static SetResult SetDestination(Settings settings, string text)
    {
        if (text.StartsWith('-'))
        {
            return SetResult.Refused($"Invalid destination '{text}': a host name does not start with '-'. Is the argument of -D missing?");
        }

        const int longestName = 253;
        if (text.Length > longestName)
        {
            return SetResult.Refused($"Invalid destination: more than {longestName} characters.");
        }

        settings.Destination = text.Length == 0 ? null : text;
        return SetResult.Accepted;
    }

    public static SetResult SetTransport(Settings settings, ReadOnlySpan<byte> value)
    {
        string name = Encoding.UTF8.GetString(value);
        if (!TransportNames.TryParse(name, out SpaTransport transport))
        {
            return SetResult.Refused(settings.Level == Level.CommandLine ? $"Unrecognized protocol: {name}" : null);
        }

        settings.Transport = transport;
        return SetResult.Accepted;
    }

    // A keyword that is switched off takes back only what it switched on.
    public static void SetFamily(Settings settings, AddressFamilies family, bool on)
    {
        if (on)
        {
            settings.Families = family;
        }
        else if (settings.Families == family)
        {
            settings.Families = AddressFamilies.Any;
        }
    }

    public static SetResult SetProxy(Settings settings, string value)
    {
        settings.HttpProxy = value;
        settings.Transport = SpaTransport.Http;
        return SetResult.Accepted;
    }

    public static SetResult SetSetupHost(Settings settings, string host)
    {
        if (host.StartsWith('-'))
        {
            return SetResult.Refused($"Invalid host '{host}': a host name does not start with '-'. Is the argument of --setup missing?");
        }

        settings.SetupHost = host;
        settings.StanzaName ??= host;
        settings.IsKeyGeneration = true;
        settings.SaveStanza = true;
        return SetDestination(settings, host);
    }
}
