using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Makes the message that the settings ask for, checked in the reference's order (client.md 1, steps 10 to 14).</summary>
internal sealed class MessageBuilder(Settings settings, Messages messages, ClientEnvironment environment)
{
    // What the reference puts when there is no -A; no server takes it (client.md 11.1).
    private const string NoAccess = "none/0";

    /// <returns>Null when the run must end; the reason has been printed.</returns>
    public SpaMessage? Build()
    {
        FieldText user = ChooseUser(out string userFunction, out Rejection userProblem);
        if (userProblem != Rejection.None && userFunction == "fko_new")
        {
            return Refuse(userFunction, userProblem);
        }

        if (Timestamp() < 0)
        {
            Refuse("fko_set_timestamp", Rejection.TimestampInvalid);
            messages.Error("[*] The time offset is too large: it leads to a time before 1970.");
            return null;
        }

        if (Timestamp() > int.MaxValue)
        {
            Refuse("fko_set_timestamp", Rejection.DecodeTimestampNotDecodable);
            messages.Error("[*] The packet's time would be after 2038-01-19, which no server can read: the time offset is too large.");
            return null;
        }

        if (settings.ServerCommand is { } command)
        {
            return BuildCommand(user, command, userFunction, userProblem);
        }

        if (AllowText() is not { } allow)
        {
            return null;
        }

        string access = AccessList.Normalize(settings.Access ?? NoAccess, out string? problem);
        int natPort = settings.NatRandomPort ? PacketRoute.RandomPort() : settings.NatPort;
        string requested = access;
        problem ??= natPort > 0 ? NatRequest.ReplacePort(access, natPort, out requested) : null;
        if (problem is not null)
        {
            messages.Error(problem);
            return null;
        }

        string text = $"{allow},{requested}";
        Rejection why = MessageRules.CheckMessage(MessageType.Access, Encoding.UTF8.GetBytes(text));
        if (why != Rejection.None)
        {
            return RefuseMessage(why);
        }

        if (!TryMakeNat(access, text, natPort, out string? nat))
        {
            return null;
        }

        return userProblem != Rejection.None
            ? Refuse(userFunction, userProblem)
            : new SpaMessage
            {
                Username = user,
                Timestamp = Timestamp(),
                Type = WireType(nat is not null),
                Message = text,
                NatAccess = nat is null ? null : (FieldText?)FieldText.FromString(nat),
                ClientTimeout = settings.FirewallTimeout,
            };
    }

    // A command has no ports, no NAT and no time of its own (client.md 11.3).
    private SpaMessage? BuildCommand(FieldText user, string command, string userFunction, Rejection userProblem)
    {
        if (settings.NatAccess is not null || settings.NatLocal)
        {
            messages.Error("[*] A command (-C) cannot go with NAT (-N, --nat-local): no server could read the packet. No SPA packet sent.");
            return null;
        }

        if (AllowText() is not { } allow)
        {
            return null;
        }

        string text = $"{allow},{command}";
        Rejection why = MessageRules.CheckMessage(MessageType.Command, Encoding.UTF8.GetBytes(text));
        return why != Rejection.None ? Refuse("fko_set_spa_message", why)
            : userProblem != Rejection.None ? Refuse(userFunction, userProblem)
            : new SpaMessage
            {
                Username = user,
                Timestamp = Timestamp(),
                Type = MessageType.Command,
                Message = text,
                ClientTimeout = settings.FirewallTimeout,
            };
    }

    /// <summary>The same request once more: another random value, the time of now.</summary>
    public SpaMessage Renew(SpaMessage message) => new()
    {
        Username = message.Username,
        Timestamp = Timestamp(),
        Type = message.Type,
        Message = message.Message,
        NatAccess = message.NatAccess,
        ServerAuth = message.ServerAuth,
        ClientTimeout = message.ClientTimeout,
    };

    /// <summary>The same request for the address that we have now.</summary>
    /// <returns>Null when it cannot be found out; the reason has been printed.</returns>
    public SpaMessage? ResolveAgain(SpaMessage message)
    {
        string text = message.Message.ToString();
        return AllowText() is { } allow ? message with { Message = allow + text[text.IndexOf(',', StringComparison.Ordinal)..] } : null;
    }

    private long Timestamp() => environment.Clock.GetUtcNow().ToUnixTimeSeconds() + settings.TimeOffset.Seconds;

    private FieldText ChooseUser(out string function, out Rejection problem)
    {
        string name = UserName.Choose(
            settings.User, environment.Variable, environment.AccountName, environment.Platform.IsWindows, out function);
        FieldText user = UserName.Cut(name, out bool wasCut);
        if (wasCut)
        {
            messages.Warning($"[-] WARNING: The user name is cut to {Limits.UsernameDecoded} bytes, more would be refused by the server.");
        }

        problem = MessageRules.CheckUsername(user.Span);
        return user;
    }

    // Null when our address could not be resolved; that has been said.
    private string? AllowText() =>
        settings.WantsResolving ? new AddressResolver(settings, messages, environment).Resolve()?.ToString()
        : AllowAddress.TryParse(settings.Allow.Literal, out IPAddress address) ? address.ToString() : settings.Allow.Literal ?? string.Empty;

    private MessageType WireType(bool hasNat) =>
        MessageRules.ForcedType(settings.NatLocal ? MessageType.LocalNatAccess : MessageType.Access, hasNat, settings.FirewallTimeout);

    private bool TryMakeNat(string access, string text, int natPort, out string? nat)
    {
        nat = null;
        if (settings.NatAccess is null && !settings.NatLocal)
        {
            return true;
        }

        if (NatRequest.MakeField(settings.NatAccess, settings.Destination ?? string.Empty, access, out string field) is { } problem)
        {
            messages.Error(problem);
            messages.Error(LibraryError.Text(Messages.Program, "fko_set_nat_access_str", Rejection.InvalidData));
            return false;
        }

        if (MessageRules.CheckNatAccess(Encoding.UTF8.GetBytes(field)) is var why && why != Rejection.None)
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_set_nat_access_str", why));
            return false;
        }

        if (settings.NatRandomPort)
        {
            messages.Normal(string.Create(
                CultureInfo.InvariantCulture, $"[+] Randomly assigned port '{natPort}' on: '{text}' will grant access to: '{field}'"));
        }

        nat = field;
        return true;
    }

    private SpaMessage? RefuseMessage(Rejection why)
    {
        Refuse("fko_set_spa_message", why);
        if (AccessList.Explain(settings.Access, why) is { } explanation)
        {
            messages.Error(explanation);
        }

        return null;
    }

    private SpaMessage? Refuse(string function, Rejection why)
    {
        messages.Error(LibraryError.Text(Messages.Program, function, why));
        return null;
    }
}
