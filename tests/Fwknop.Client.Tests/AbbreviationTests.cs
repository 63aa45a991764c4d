namespace Fwknop.Client.Tests;

/// <summary>client.md 3: options of ours must not make a prefix ambiguous that the reference accepts.</summary>
public sealed class AbbreviationTests
{
    // The long options of the reference (client.md 4). Names in one row are aliases.
    private static readonly string[][] Reference =
    [
        ["access"], ["destination"], ["allow-ip"], ["source-ip"], ["resolve-ip-https", "resolve-ip-http"], ["resolve-http-only"],
        ["resolve-url"], ["wget-cmd"], ["user-agent"], ["use-wget-user-agent"], ["server-cmd"], ["fw-timeout"], ["nat-access"],
        ["nat-local"], ["nat-port"], ["nat-rand-port"], ["spoof-user"], ["time-offset-plus"], ["time-offset-minus"], ["server-proto"],
        ["server-port"], ["source-port"], ["rand-port"], ["spoof-source", "spoof-src"], ["icmp-type"], ["icmp-code"], ["http-proxy"],
        ["server-resolve-ipv4"], ["save-packet"], ["save-packet-append"], ["test"], ["digest-type"], ["encryption-mode"], ["use-hmac"],
        ["key-hmac"], ["key-base64-hmac"], ["get-hmac-key"], ["hmac-digest-type"], ["hmac-key-len"], ["key-rijndael"],
        ["key-base64-rijndael"], ["get-key"], ["fd"], ["stdin"], ["key-gen"], ["key-gen-file"], ["key-len"], ["gpg-encryption"],
        ["gpg-recipient-key"], ["gpg-signer-key"], ["gpg-home-dir"], ["gpg-exe"], ["gpg-agent"], ["gpg-no-signing-pw"], ["named-config"],
        ["rc-file"], ["no-rc-file"], ["no-home-dir"], ["save-rc-stanza"], ["force-stanza"], ["stanza-list"], ["save-args-file"],
        ["no-save-args"], ["last-cmd"], ["show-last"], ["verbose"], ["version"], ["help"], ["fault-injection-tag"],
    ];

    public static TheoryData<string, string> Prefixes()
    {
        TheoryData<string, string> rows = [];
        foreach (string prefix in Reference.SelectMany(names => names).SelectMany(PrefixesOf).Distinct())
        {
            string[][] meant = [.. Reference.Where(names => names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))];
            string[]? exact = Array.Find(meant, names => names.Contains(prefix));
            if (exact is not null || meant.Length == 1)
            {
                rows.Add(prefix, (exact ?? meant[0])[0]);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void Prefix_means_what_it_means_to_the_reference(string prefix, string name)
    {
        CommandLine line = CommandLine.Parse([$"--{prefix}", "value"], stopAtFirstWord: false);
        Assert.Equal([], line.Errors.Select(error => error.Text));
        Assert.Contains(name, Assert.Single(line.Options).Option.Names);
    }

    [Theory]
    [InlineData("--gpg-recip", "gpg-recipient-key")]
    [InlineData("--gpg-sign", "gpg-signer-key")]
    [InlineData("--server-c", "server-cmd")]
    [InlineData("--resolve-ip", "resolve-ip-https")]
    [InlineData("--spoof-s", "spoof-source")]
    [InlineData("--w", "wget-cmd")]
    [InlineData("--e", "encryption-mode")]
    public void Abbreviations_in_use(string prefix, string name) =>
        Assert.Contains(name, Assert.Single(CommandLine.Parse([prefix, "value"], stopAtFirstWord: false).Options).Option.Names);

    private static IEnumerable<string> PrefixesOf(string name) => Enumerable.Range(1, name.Length).Select(length => name[..length]);
}
