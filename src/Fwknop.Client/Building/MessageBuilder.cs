using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Makes the message that the settings ask for, checked in the reference's order (client.md 1, steps 10 to 14).</summary>
internal sealed class MessageBuilder(Settings settings, Messages messages, ClientEnvironment environment)
{
    /// <returns>Null when the run must end; the reason has been printed.</returns>
    public SpaMessage? Build()
    {
        ChosenUser user = ChooseUser();
        if (user is { Problem: not Rejection.None, Function: "fko_new" })
        {
            return Refuse(user.Function, user.Problem);
        }

        return !IsTimeReadable() ? null
            : settings.ServerCommand is { } command ? BuildCommand(user, command)
            : BuildAccess(user);
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

    private bool IsTimeReadable()
    {
        long time = Timestamp();
        if (time < 0)
        {
            Refuse("fko_set_timestamp", Rejection.TimestampInvalid);
            messages.Error("[*] The time offset is too large: it leads to a time before 1970.");
            return false;
        }

        if (time > int.MaxValue)
        {
            Refuse("fko_set_timestamp", Rejection.DecodeTimestampNotDecodable);
            messages.Error("[*] The packet's time would be after 2038-01-19, which no server can read: the time offset is too large.");
            return false;
        }

        return true;
    }

    private SpaMessage? BuildAccess(ChosenUser user)
    {
        if (AllowText() is not { } allow || !TryListPorts(out string access, out string requested, out int natPort))
        {
            return null;
        }

        // That there is no -A leaves nothing to the server: it may have been forgotten.
        string text = $"{allow},{(settings.Access is null ? string.Empty : requested)}";
        bool hasNat = settings.NatAccess is not null || settings.NatLocal;
        Rejection why = MessageRules.CheckMessage(WireType(hasNat), Encoding.UTF8.GetBytes(text));
        if (why != Rejection.None)
        {
            return RefuseMessage(why);
        }

        if (!TryMakeNat(access, text, natPort, out string? nat))
        {
            return null;
        }

        return user.Problem != Rejection.None
            ? Refuse(user.Function, user.Problem)
            : new SpaMessage
            {
                Username = user.Name,
                Timestamp = Timestamp(),
                Type = WireType(nat is not null),
                Message = text,
                NatAccess = nat is null ? null : (FieldText?)FieldText.FromString(nat),
                ClientTimeout = settings.FirewallTimeout,
                ServerAuth = settings.OneTimePassword,
            };
    }

    // The list as given, which NAT leads to, and as requested, with the NAT port (0 for none) in its place.
    private bool TryListPorts(out string access, out string requested, out int natPort)
    {
        access = AccessList.Normalize(settings.Access ?? AccessList.NoPorts, out string? problem);
        natPort = settings.NatRandomPort ? PacketRoute.RandomPort() : settings.NatPort;
        requested = access;
        problem ??= natPort > 0 ? NatRequest.ReplacePort(access, natPort, out requested) : null;
        if (problem is not null)
        {
            messages.Error(problem);
        }

        return problem is null;
    }

    // A command has no ports, no NAT and no time of its own (client.md 11.3).
    private SpaMessage? BuildCommand(ChosenUser user, string command)
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
            : user.Problem != Rejection.None ? Refuse(user.Function, user.Problem)
            : new SpaMessage
            {
                Username = user.Name,
                Timestamp = Timestamp(),
                Type = MessageType.Command,
                Message = text,
                ClientTimeout = settings.FirewallTimeout,
                ServerAuth = settings.OneTimePassword,
            };
    }

    private long Timestamp() => environment.Clock.GetUtcNow().ToUnixTimeSeconds() + settings.TimeOffset.Seconds;

    private ChosenUser ChooseUser()
    {
        string name = UserName.Choose(
            settings.User, environment.Variable, environment.AccountName, environment.Platform.IsWindows, out string function);
        FieldText user = UserName.Cut(name, out bool wasCut);
        if (wasCut)
        {
            messages.Warning($"[-] WARNING: The user name is cut to {Limits.UsernameDecoded} bytes, more would be refused by the server.");
        }

        return new ChosenUser(user, function, MessageRules.CheckUsername(user.Span));
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

    // Function: the one of the reference's library that refuses the name, when there is a problem.
    private readonly record struct ChosenUser(FieldText Name, string Function, Rejection Problem);
}
