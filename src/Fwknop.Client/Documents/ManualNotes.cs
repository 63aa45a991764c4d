namespace Fwknop.Client;

/// <summary>What the manual page adds to the help of an option or keyword. Words in backquotes are printed bold.</summary>
internal static class ManualNotes
{
    /// <summary>By main name of the option, or by rc keyword when the note is for the keyword.</summary>
    public static IReadOnlyDictionary<string, string> Table { get; } = new Dictionary<string, string>
    {
        ["allow-ip"] = "IPv6 addresses are understood by fwknopd for .NET only.",
        ["source-ip"] = "Whoever holds the packet back and sends it himself gets the access.",
        ["totp"] = "6 to 8 digits, as an authenticator program shows them (RFC 6238). Each counts once, so there is none for `--repeat`.",
        ["fw-timeout"] = "From 0 to 65536; the server sets the limit.",
        ["nat-access"] = "An IPv6 address stands in brackets, `[2001:db8::7]:22`; only fwknopd for .NET forwards to it.",
        ["spoof-user"] = "Otherwise that of the environment: `SPOOF_USER`, `LOGNAME`, the account, `USER`.",
        ["source-port"] = "Otherwise the system chooses.",
        ["save-packet"] = "The file gets mode 0600.",
        ["use-hmac"] = "Without HMAC fwknop warns when it sends.",
        ["key-gen"] = "Two lines, valid in the rc file and in access.conf; the rc file is not read. See FIRST RUN and HANDING OVER KEYS for more.",
        ["key-gen-file"] = "The file gets mode 0600.",
        ["hmac-key-len"] = "Without it: md5 16, sha1 20, sha384 and sha512 128, others 64.",
        ["get-key"] = "The file has lines `destination: key`; the text of `-D` finds the line, the last one that fits counts.",
        ["stdin"] = "The encryption key, then on the next line the HMAC key.",
        ["wait"] = "Tells how long it took, or what probably is wrong. Only TCP ports can be looked for: exit status 1 when it cannot be known. "
            + "The number may also be the next word.",
        ["exec"] = "The command takes the place of fwknop, so this is the last option. While the port does not open, a fresh packet is sent "
            + "every 3 seconds. Messages go to standard error. Exit status 127 when there is no such command, in which case nothing is sent; 126 "
            + "when it cannot be run; 1 when the port does not open. It gets the descriptors that fwknop was started with, but for those that "
            + "options of fwknop name.",
        ["repeat"] = "2 seconds or more. SIGINT and SIGTERM end it with status 0; with `--exec` the command gets them. A packet that cannot be "
            + "sent is reported and tried again the next time; with `-R` the address is found out anew each time.",
        ["connect"] = "An IPv6 address may stand without brackets, as the `%h:%p` of ssh gives it; the last colon is before the port. "
            + "It knocks in any case, tries to connect for the seconds of `--wait` (30) with a fresh "
            + "packet every 3 seconds, then carries data both ways. Messages go to standard error, keys cannot come from standard input, and "
            + "the command line is not kept.",
        ["save-rc-stanza"] = "The packet is sent all the same, except with `-k`. Before a key is replaced fwknop asks.",
        ["last-cmd"] = "Other options of this call do not count.",
        ["save-args-file"] = "Keys given on the command line are in it, too; the file has mode 0600.",
        ["rc-file"] = "Created when it is missing. `-` is standard input; `/dev/fd/3` any descriptor.",
        ["verbose"] = "Prints the fields of the packet.",
        ["qr"] = "With `-k` or `--setup` the new keys; otherwise those of the stanza and the command line, and nothing is sent. "
            + "Always in base64. On a terminal the code is black on white whatever the colours are; without colours, as in a pipe or with "
            + "`NO_COLOR`, light modules are drawn, which is right on a dark background.",
        ["qr-file"] = "The file gets mode 0600. Alone it draws nothing in the terminal.",
        ["qr-only"] = "Implies `--qr` without `--qr-file`.",
        ["qr-profile"] = "For readers that know `SPA_SERVER`, `SPA_SERVER_PORT`, `ACCESS` and `HMAC_DIGEST_TYPE`; the Android app passes over them.",
        ["qr-ip"] = "IPv4 only, of `-a` or `-R`: for the app, which can ask for an address of another device.",
        ["setup"] = "Writes a stanza named HOST (or by `-n`) with new keys and the other options given here; without them for tcp/22 and the "
            + "address that `-R` finds. On a terminal the keys are drawn as a QR code as with `--qr`. An existing stanza is kept unless `--force-stanza` is given.",
        ["gpg-exe"] = "A name without a slash is looked for along PATH.",
        ["completion"] = "For bash, `source <(fwknop --completion bash)` in .bashrc.",
        ["man-page"] = "`fwknop --man-page | man -l -` shows it.",
        ["HMAC_DIGEST_TYPE"] = "Does not turn the HMAC on.",
        ["HMAC_KEY"] = "Turns the HMAC on.",
        ["HMAC_KEY_BASE64"] = "Turns the HMAC on.",
        ["HMAC_KEY_FILE"] = "Turns the HMAC on.",
        ["ALLOW_IP"] = "An address, `source`, `resolve`, `resolve6` or `local`.",
        ["TIME_OFFSET"] = "With `-` in front the time is subtracted.",
        ["VERBOSE"] = "`Y`, `N`, or 0 to 4.",
    };

    public static string? Of(ClientOption option) => Table.GetValueOrDefault(option.Names[0]);

    public static string? Of(string keyword) => Table.GetValueOrDefault(keyword);
}
