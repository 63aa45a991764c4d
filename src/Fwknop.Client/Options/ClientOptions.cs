using System.Globalization;
using System.Text;
using Fwknop.OpenPgp;
using Fwknop.Protocol;
using static Fwknop.Client.AlgorithmSetters;
using static Fwknop.Client.AllowSetters;
using static Fwknop.Client.Completion;
using static Fwknop.Client.FollowingSetters;
using static Fwknop.Client.GpgSetters;
using static Fwknop.Client.KeySetters;
using static Fwknop.Client.KeywordSetters;
using static Fwknop.Client.OptionRows;
using static Fwknop.Client.QrSetters;
using static Fwknop.Client.RouteSetters;
using static Fwknop.Client.SecondFactorSetter;

namespace Fwknop.Client;

/// <summary>
/// All options and rc keywords of the client (client.md 4, 6.5), in the order of the help. Adding an option is adding a row.
/// </summary>
internal static class ClientOptions
{
    /// <summary>The letter of the option that wins over everything else.</summary>
    public const char Help = 'h';

    /// <summary>What <c>--key-gen</c> adds to a stanza: a profile with new keys uses both.</summary>
    public static string[] NewKeys { get; } = ["KEY_BASE64", "HMAC_KEY_BASE64", "USE_HMAC"];

    public static IReadOnlyList<ClientOption> Table { get; } =
    [
        // What to ask for (client.md 4.1)
        Text('A', ["access"], "LIST", "ACCESS", "Ports to open on the server: tcp/22 or tcp/22,udp/53 or tcp/6000-6003; none: those the server chooses.", (s, v) => s.Access = v,
            new(17, s => s.Access)),
        Text('D', ["destination"], "HOST", "SPA_SERVER", "Host name or IP address of the fwknop server.", SetDestination,
            new(18, s => s.Destination)),
        new()
        {
            Letter = 'a', Names = ["allow-ip"], Argument = "IP", Keyword = "ALLOW_IP",
            Help = "IPv4 or IPv6 address to allow; 'source' is -s, 'resolve' is -R, 'resolve6' is -R for the IPv6 address, 'local' is the address that the route to the server uses.",
            Set = (s, v) => SetAllow(s, Encoding.UTF8.GetString(v)), SetFromRc = SetAllowFromRc, Saved = new(5, AllowText),
        },
        Flag('s', ["source-ip"], null, "Let the server take the source address of the packet (an attacker on the path may use it too).",
            (s, _) => s.Allow.SetLiteral(s.Level, AllowAddress.PacketSource)) with { AlsoSaves = ["ALLOW_IP"] },
        new()
        {
            Letter = 'R', Names = ["resolve-ip-https", "resolve-ip-http"], Keyword = "RESOLVE_IP_HTTPS",
            Help = "Ask a web service for the address to allow.",
            Set = (s, _) => SetResolve(s, true), SetFromRc = YesNo(static (s, on) => s.Allow.SetResolve(s.Level, on)),
            Saved = new(40, s => s.Allow.IsResolve ? "Y" : "N"),
        },
        new() { Keyword = "RESOLVE_IP_HTTP", Help = "Another name of RESOLVE_IP_HTTPS.", SetFromRc = YesNo(static (s, on) => s.Allow.SetResolve(s.Level, on)) },
        new()
        {
            Names = ["resolve-http-only"], Keyword = "RESOLVE_HTTP_ONLY",
            Help = "The same over plain HTTP, which anyone on the path can forge.",
            Set = (s, _) => SetResolveHttpOnly(s), SetFromRc = YesNo(static (s, on) => s.ResolveHttpOnly = on),
            Saved = new(41), AlsoSaves = ["RESOLVE_IP_HTTPS"],
        },
        Text(null, ["resolve-url"], "URL", "RESOLVE_URL", "The service that -R asks; it answers with the address it sees.", (s, v) => s.ResolveUrl = v,
            new(33, s => s.ResolveUrl)),
        Text('w', ["wget-cmd"], "COMMAND", "WGET_CMD", "Program that -R runs, called as wget is, instead of asking by itself.",
            SetWgetCommand, new(42, s => s.WgetCommand)),
        Text('u', ["user-agent"], "TEXT", "HTTP_USER_AGENT",
            "User agent for -R and -P http (Fwknop/VERSION); over HTTP most servers take only those that begin with Fwknop.", SetUserAgent,
            new(32, s => s.UserAgent)),
        Flag(null, ["use-wget-user-agent"], "USE_WGET_USER_AGENT", "Let the program of -w send its own user agent.",
            (s, on) => s.UseWgetUserAgent = on, new(28)),
        Text('C', ["server-cmd"], "COMMAND", null, "Command that the server is to run.", (s, v) => s.ServerCommand = v),
        Number('f', ["fw-timeout"], "SECONDS", "FW_TIMEOUT", "How long the server shall keep the ports open.", (0, Limits.ClientTimeout),
            _ => $"--fw-timeout must be within [0-{Limits.ClientTimeout}]", (s, n) => s.FirewallTimeout = n,
            new(4, s => Decimal(s.FirewallTimeout))),
        Text(null, ["totp"], "CODE", null, "One-time password for a server that asks for a second factor (TOTP_SECRET).", SetOneTimePassword)
            with { GivesWay = true },
        Text('N', ["nat-access"], "HOST[:PORT]", "NAT_ACCESS", "Reach this internal host through the server.", (s, v) => s.NatAccess = v,
            new(31, s => s.NatAccess)),
        Flag(null, ["nat-local"], "NAT_LOCAL", "Reach a port of the server itself through NAT.", (s, on) => s.NatLocal = on, new(35)),
        PortNumber(null, ["nat-port"], "NAT_PORT", "The port on the server that leads inside.", (s, n) => s.NatPort = n,
            new(37, s => Decimal(s.NatPort))),
        Flag(null, ["nat-rand-port"], "NAT_RAND_PORT", "Choose that port at random.", (s, on) => s.NatRandomPort = on, new(36)),
        Text('U', ["spoof-user"], "NAME", "SPOOF_USER", "User name in the packet.", (s, v) => s.User = v, new(15, s => s.User)),
        Offset("time-offset-plus", "TIME_OFFSET", "Add time to the packet's timestamp: 60, 5m, 2h, 1d.",
            (s, seconds) => s.TimeOffset.SetPlus(s.Level, seconds), new(6, s => Decimal(s.TimeOffset.Seconds))),
        Offset("time-offset-minus", null, "Subtract time from the packet's timestamp.",
            (s, seconds) => s.TimeOffset.SetMinus(s.Level, seconds)) with { AlsoSaves = ["TIME_OFFSET"] },

        // How to send (client.md 4.2)
        new()
        {
            Letter = 'P', Names = ["server-proto"], Argument = "PROTOCOL", Keyword = "SPA_SERVER_PROTO",
            Help = "How the packet travels: udp (default), tcp, http; or udpraw, tcpraw, icmp, over IPv4 with CAP_NET_RAW.",
            Values = TransportNames.All, Set = SetTransport, SetFromRc = SetTransport, Saved = new(1, s => TransportNames.GetName(s.Transport)),
        },
        PortNumber('p', ["server-port"], "SPA_SERVER_PORT", "Destination port (62201, for HTTP too).", (s, n) => s.ServerPort = n,
            new(2, s => Decimal(s.ServerPort))),
        PortNumber('S', ["source-port"], "SPA_SOURCE_PORT", "Source port.", (s, n) => s.SourcePort = n, new(3, s => Decimal(s.SourcePort))),
        Flag('r', ["rand-port"], "RAND_PORT", "Send to a random destination port, 10000 to 65535.", (s, on) => s.RandomPort = on, new(19)),
        Text('Q', ["spoof-source", "spoof-src"], "IP", "SPOOF_SOURCE_IP", "Forge the source address (udpraw, tcpraw, icmp).",
            (s, v) => s.SpoofSource = v, new(16, s => s.SpoofSource)),
        Icmp("icmp-type", "icmp type", "Type of the ICMP message (0, echo reply).", MaxIcmpType, (s, n) => s.IcmpType = n),
        Icmp("icmp-code", "icmp code", "Code of the ICMP message (0).", MaxIcmpCode, (s, n) => s.IcmpCode = n),
        Text('H', ["http-proxy"], "HOST[:PORT]", null, "Send through this HTTP proxy; implies -P http.", SetProxy),
        new()
        {
            Names = ["server-resolve-ipv4"], Keyword = "SERVER_RESOLVE_IPV4", Help = "The same as -4.",
            Set = (s, _) => Store(() => s.Families = AddressFamilies.IPv4), SetFromRc = YesNo(static (s, on) => SetFamily(s, AddressFamilies.IPv4, on)),
            Saved = new(34, s => s.Families == AddressFamilies.IPv4 ? "Y" : null),
        },
        Flag('4', ["ipv4-only"], null, "Send only to IPv4 addresses of the server.", (s, _) => s.Families = AddressFamilies.IPv4)
            with { AlsoSaves = ["SERVER_RESOLVE_IPV4"] },
        Flag('6', ["ipv6-only"], "SERVER_RESOLVE_IPV6", "Send only to IPv6 addresses of the server.",
            (s, on) => SetFamily(s, AddressFamilies.IPv6, on), new(44, s => s.Families == AddressFamilies.IPv6 ? "Y" : null)),
        Text('B', ["save-packet"], "FILE", null, "Write the packet to a file.", (s, v) => s.PacketFile = v),
        Flag('b', ["save-packet-append"], null, "Append to that file.", (s, on) => s.AppendPacket = on),
        Flag('T', ["test"], null, "Make and show the packet, do not send it.", (s, on) => s.IsTest = on),

        // Crypto and keys (client.md 4.3)
        new()
        {
            Letter = 'm', Names = ["digest-type"], Argument = "NAME", Keyword = "DIGEST_TYPE",
            Help = "Digest inside the packet: md5, sha1, sha256 (default), sha384, sha512, sha3_256, sha3_512.",
            Values = DigestNames, Set = SetDigest, SetFromRc = SetDigest, Saved = new(0, s => AlgorithmNames.GetName(s.Digest)),
        },
        new()
        {
            Letter = 'M', Names = ["encryption-mode"], Argument = "MODE", Keyword = "ENCRYPTION_MODE",
            Help = "AES mode: CBC (default), ECB, CFB, OFB, CTR, legacy (CBC as before fwknop 2.5); Asymmetric for GPG.",
            Values = ModeNames, Set = SetMode, SetFromRc = SetMode, Saved = new(7, s => AlgorithmNames.GetName(s.Mode)),
        },
        Flag(null, ["use-hmac"], "USE_HMAC", "Authenticate the packet with an HMAC. Recommended.", (s, on) => s.Hmac.State(s.Level, on),
            new(27)),
        Early(Flag('k', ["key-gen"], null, "Make keys and print them, or save them with --save-rc-stanza.", (s, on) => s.IsKeyGeneration = on))
            with { AlsoSaves = NewKeys },
        Early(Text('K', ["key-gen-file"], "FILE", null, "Make keys and write them to a file.", SetKeyGenerationFile))
            with { AlsoSaves = NewKeys },
        new()
        {
            Names = ["key-rijndael"], Argument = "KEY", Keyword = "KEY", IsSecret = true,
            Help = "Encryption key as plain text. Others can see it in the list of processes.",
            Set = SetRawKey, SetFromRc = SetRawKey, Saved = new(20, Key: s => s.Key?.Raw),
        },
        new() { Keyword = "GPG_SIGNING_PW", Help = "Passphrase of the signing key.", IsSecret = true, SetFromRc = SetRawKey },
        new()
        {
            Names = ["key-base64-rijndael"], Argument = "BASE64", Keyword = "KEY_BASE64", IsSecret = true,
            Help = "Encryption key in base64. Others can see it in the list of processes.",
            Set = (s, v) => SetBase64Key(s, v, NotBase64("Base64 encoded Rijndael")),
            SetFromRc = (s, v) => SetBase64Key(s, v, NotBase64("KEY_BASE64")),
            Saved = new(21, Key: s => s.Key?.Base64),
        },
        new()
        {
            Keyword = "GPG_SIGNING_PW_BASE64", Help = "The same in base64.", IsSecret = true,
            SetFromRc = (s, v) => SetBase64Key(s, v, NotBase64("GPG_SIGNING_KEY_BASE64")),
        },
        new()
        {
            Names = ["key-base64-hmac"], Argument = "BASE64", Keyword = "HMAC_KEY_BASE64", IsSecret = true,
            Help = "HMAC key in base64. Others can see it in the list of processes.",
            AlsoSaves = ["USE_HMAC"],
            Set = (s, v) => SetHmacBase64(s, v, NotBase64("Base64 encoded HMAC")),
            SetFromRc = (s, v) => SetHmacBase64(s, v, NotBase64("HMAC_KEY_BASE64")),
            Saved = new(25, Key: s => s.HmacKey?.Base64),
        },
        new()
        {
            Names = ["key-hmac"], Argument = "KEY", Keyword = "HMAC_KEY", IsSecret = true,
            Help = "HMAC key as plain text. Others can see it in the list of processes.",
            AlsoSaves = ["USE_HMAC"],
            Set = SetHmacKey, SetFromRc = SetHmacKey, Saved = new(26, Key: s => s.HmacKey?.Raw),
        },
        Text(null, ["get-hmac-key"], "FILE", "HMAC_KEY_FILE", "Read the HMAC key from a key file.", SetHmacFile,
            new(30, s => s.HmacKey?.File)),
        new()
        {
            Names = ["hmac-digest-type"], Argument = "NAME", Keyword = "HMAC_DIGEST_TYPE",
            Help = "Digest of the HMAC; names as for -m.",
            AlsoSaves = ["USE_HMAC"],
            Values = DigestNames, Set = SetHmacDigest, SetFromRc = SetHmacDigestFromRc, Saved = new(24, s => AlgorithmNames.GetName(s.HmacDigest)),
        },
        KeyLength("hmac-key-len", "hmac key", "Bytes of the HMAC key that -k makes.", (s, n) =>
        {
            s.KeyGeneration = s.KeyGeneration with { HmacKeyLength = n };
            s.Hmac.Imply(s.Level);
        }) with { AlsoSaves = ["USE_HMAC"] },
        Text('G', ["get-key"], "FILE", "KEY_FILE", "Read the encryption key from a key file.", SetKeyFile,
            new(29, s => s.Key?.File)),
        new() { Keyword = "KEY_CMD", Help = "Program that prints the encryption key: alone, or as --key-gen prints it.", SetFromRc = SetKeyCommand },
        new() { Keyword = "HMAC_KEY_CMD", Help = "Likewise for the HMAC key. Turns the HMAC on.", SetFromRc = SetHmacKeyCommand },
        Number(null, ["fd"], "N", null, "Read keys from this descriptor instead of the terminal.", (0, int.MaxValue),
            v => $"[*] Value {v} out of range [(0)-(-1)]", (s, n) => s.KeyDescriptor = n),
        Flag(null, ["stdin"], null, "Read keys from standard input.", (s, _) => s.KeyDescriptor = 0),
        KeyLength("key-len", "key", "Bytes of the encryption key that -k makes (32).", (s, n) =>
            s.KeyGeneration = s.KeyGeneration with { KeyLength = n }),
        Flag(null, ["qr"], null, "Draw the keys as a QR code for a phone.", (s, on) => s.Qr = s.Qr with { Show = on }),
        Text(null, ["qr-file"], "FILE", null, "Write that code to a file, PNG or SVG by its name.", SetQrFile),
        Flag(null, ["qr-only"], null, "Do not print new keys as text, only the code.", (s, on) => s.Qr = s.Qr with { OnlyCode = on }),
        Flag(null, ["qr-profile"], null, "Put server, port, access list and HMAC digest into the code too.",
            (s, on) => s.Qr = s.Qr with { WithProfile = on }),
        Flag(null, ["qr-ip"], null, "Draw the address to allow as a QR code.", (s, on) => s.Qr = s.Qr with { Address = on }),
        GpgFlag('g', "gpg-encryption", "USE_GPG", "Encrypt with GnuPG.", (s, on) => s.UseGpg = on, new(8)),
        Gpg(null, "gpg-recipient-key", "ID", "GPG_RECIPIENT", "The server's key: id, fingerprint or name; ID! for one subkey.",
            (s, v) => s.GpgRecipient = v, new(10, s => s.GpgRecipient) { Number = 11 }),
        Gpg(null, "gpg-signer-key", "ID", "GPG_SIGNER", "The key to sign with.", (s, v) => s.GpgSigner = v,
            new(11, s => s.GpgSigner) { Number = 12 }),
        Gpg(null, "gpg-home-dir", "DIRECTORY", "GPG_HOMEDIR", "Home directory of gpg.", SetGpgHome,
            new(12, s => s.GpgHomeDirectory) { Number = 13 }, SetGpgHomeFromRc),
        Gpg(null, "gpg-exe", "FILE", "GPG_EXE", $"The gpg program ({GpgSettings.DefaultExecutable}).",
            (s, v) => s.GpgExecutable = v ?? GpgSettings.DefaultExecutable, new(13, s => s.GpgExecutable) { Number = 14 }),
        GpgFlag(null, "gpg-agent", "USE_GPG_AGENT", "Let gpg-agent ask for the passphrase.", (s, on) => s.UseGpgAgent = on,
            new(9)),
        GpgFlag(null, "gpg-no-signing-pw", "GPG_NO_SIGNING_PW", "The signing key has no passphrase.",
            (s, on) => s.GpgNoSigningPassphrase = on, new(14) { Number = 10 }),

        // What follows the knock
        new()
        {
            Names = ["wait"], Argument = "SECONDS", IsArgumentOptional = true, GivesWay = true,
            Help = "Wait until the first TCP port of -A is open, at most SECONDS (15; 30 for --connect). Exit status 1 when it is not.",
            Set = SetWait,
        },
        Early(Text(null, ["exec"], "COMMAND", null,
            "Wait for the port and run a command, without a shell. All words after COMMAND belong to it. The exit status is the command's.",
            SetCommand)) with { TakesRest = true, GivesWay = true },
        new()
        {
            Names = ["repeat"], Argument = "SECONDS", GivesWay = true,
            Help = "Send a fresh packet every SECONDS until interrupted, or until the command of --exec ends.",
            Set = SetRepeat,
        },
        Early(Text(null, ["connect"], "HOST:PORT", null,
            "Wait for this port and connect standard input and output to it: for ProxyCommand of ssh. -A is tcp/PORT and -D is HOST if not given.",
            SetConnect)) with { GivesWay = true },

        // Files, profile, misc (client.md 4.4)
        Early(Text('n', ["named-config"], "STANZA", null, "Use this stanza of the rc file.", (s, v) => s.StanzaName = v)),
        Early(Text(null, ["setup"], "HOST", null, "Make keys, save them as a stanza for this server, print the server's stanza.", SetSetupHost))
            with { AlsoSaves = ServerSetup.Saved },
        Early(Text(null, ["rc-file"], "FILE", null, "The rc file (default $HOME/.fwknoprc).", (s, v) => s.RcFile = v)),
        Early(Flag(null, ["no-rc-file"], null, "Use no rc file.", (s, on) => s.NoRcFile = on)),
        Early(Flag(null, ["no-home-dir"], null, "Never use $HOME.", (s, on) => s.NoHomeDirectory = on)),
        Early(Flag(null, ["save-rc-stanza"], null, "Save the given options as the stanza -n, or of the destination's name.",
            (s, on) => s.SaveStanza = on)),
        Flag(null, ["force-stanza"], null, "With --save-rc-stanza: replace keys without asking.", (s, on) => s.ForceStanza = on),
        Early(Flag(null, ["stanza-list"], null, "List the stanzas of the rc file.", (s, on) => s.ListStanzas = on)),
        Text('E', ["save-args-file"], "FILE", null, "Where the last command line is kept (default $HOME/.fwknop.run).",
            (s, v) => s.HistoryFile = v),
        Flag(null, ["no-save-args"], "NO_SAVE_ARGS", "Do not keep the command line.", (s, on) => s.NoHistory = on, new(43)),
        Flag(null, ["history-without-keys"], "HISTORY_WITHOUT_KEYS", "Keep the command line without keys.",
            (s, on) => s.HistoryWithoutKeys = on, new(45)),
        Flag('l', ["last-cmd"], null, "Run the last command line again.", (s, on) => s.IsLastCommand = on),
        Flag(null, ["show-last"], null, "Show the last command line.", (s, on) => s.ShowLast = on),
        Early(new()
        {
            Letter = 'v', Names = ["verbose"], Keyword = "VERBOSE", Help = "Tell more; may be repeated.",
            Set = (s, _) => Store(() => s.OptionVerbosity++), SetFromRc = SetVerbosityFromRc,
            Saved = new(38, s => s.OptionVerbosity == 1 ? "Y" : Decimal(s.OptionVerbosity)),
        }),
        Early(Flag('V', ["version"], null, "Print the version.", (s, on) => s.IsVersion = on)),
        new() { Letter = Help, Names = ["help"], Help = "Print this help.", Set = (_, _) => SetResult.Accepted },
        Early(Text(null, ["completion"], "SHELL", null, "Print a completion script for bash, zsh or fish.", SetCompletion))
            with { Values = Completion.Shells },
        Early(Flag(null, ["man-page"], null, "Print the manual page, for man -l.", (s, on) => s.IsManualPage = on)),
        new()
        {
            Names = ["fault-injection-tag"], Argument = "TAG", Help = "For development only.",
            Set = (_, _) => SetResult.Refused("fwknop not compiled with fault injection support."),
        },
    ];

    /// <summary>The row of an rc keyword, or null. Keywords are case-sensitive (client.md 6.3).</summary>
    public static ClientOption? FindKeyword(ReadOnlySpan<char> keyword)
    {
        foreach (ClientOption option in Table)
        {
            if (option.Keyword is { } name && keyword.SequenceEqual(name))
            {
                return option;
            }
        }

        return null;
    }

    private static string Decimal(long value) => value.ToString(CultureInfo.InvariantCulture);
}
