using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Client.Tests;

/// <summary>client.md 11 and 16: what is in the packet.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData("tcp/22", "tcp/22")]
    [InlineData(" tcp/22 , udp/53 ", "tcp/22,udp/53")]
    [InlineData("tcp/22,udp/5000-5002", "tcp/22,udp/5000,udp/5001,udp/5002")]
    [InlineData(" none ", "none/0")]
    [InlineData("none,tcp/22", "none,tcp/22")]
    [InlineData("tcp/7-7", "tcp/7")]
    [InlineData("tcp/65535-65535", "tcp/65535")]
    [InlineData("tcp/9-7", "tcp/9-7")]
    [InlineData("tcp/0-7", "tcp/0-7")]
    [InlineData("tcp/-7", "tcp/-7")]
    [InlineData("tcp/7-", "tcp/7-")]
    [InlineData("tcp/65530-65536", "tcp/65530-65536")]
    [InlineData("tcp/1-+2", "tcp/1-+2")]
    [InlineData("7-9/tcp", "7-9/tcp")]
    [InlineData("", "")]
    [InlineData(",tcp/22,", ",tcp/22,")]
    public void Access_list_is_written_as_packets_have_it(string text, string expected)
    {
        Assert.Equal(expected, AccessList.Normalize(text, out string? problem));
        Assert.Null(problem);
    }

    [Fact]
    public void Range_that_no_packet_holds_is_explained()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-D", "h", "-s", "-A", "tcp/1-33", "--key-rijndael", "k", "--no-rc-file");
        Assert.Equal((1, "[*] 'tcp/1-33' names 33 ports, more than a packet has room for. Ask for fewer.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Range_is_asked_for_as_a_list()
    {
        using ClientHarness client = new();
        Assert.Equal("0.0.0.0,tcp/22,tcp/23,udp/9", client.Knock("-D", "h", "-s", "-A", "tcp/22-23,udp/9").Message.Message.ToString());
    }

    [Theory]
    [InlineData("-A tcp/22", 1, "tcp/22", null)]
    [InlineData("-A tcp/22,udp/53", 1, "tcp/22,udp/53", null)]
    [InlineData("-A tcp/022", 1, "tcp/022", null)]
    [InlineData("-A tcp/22 -f 60", 3, "tcp/22", null)]
    [InlineData("-A tcp/22 -f 0", 1, "tcp/22", null)]
    [InlineData("-A tcp/22 -f 65536", 3, "tcp/22", null)]
    [InlineData("-A none", 1, "none/0", null)]
    [InlineData("-A none/0 -f 60", 3, "none/0", null)]
    [InlineData("-A tcp/22 -N 10.0.0.5:22", 2, "tcp/22", "10.0.0.5,22")]
    [InlineData("-A tcp/22 -N 10.0.0.5,22", 2, "tcp/22", "10.0.0.5,22")]
    [InlineData("-A tcp/22 -N 10.0.0.5", 2, "tcp/22", "10.0.0.5,22")]
    [InlineData("-A tcp/22 -N [2001:db8:0::5]:80", 2, "tcp/22", "2001:db8::5,80")]
    [InlineData("-A tcp/22 -N [2001:db8::5],80", 2, "tcp/22", "2001:db8::5,80")]
    [InlineData("-A tcp/22 -N [2001:db8::5]", 2, "tcp/22", "2001:db8::5,22")]
    [InlineData("-A tcp/22,tcp/33 -N inner-1.example.org", 2, "tcp/22,tcp/33", "inner-1.example.org,22")]
    [InlineData("-A tcp/22 -N 10.0.0.5:22 -f 60", 4, "tcp/22", "10.0.0.5,22")]
    [InlineData("-A tcp/22 --nat-local", 5, "tcp/22", "srv,22")]
    [InlineData("-A tcp/22 --nat-local -f 60", 6, "tcp/22", "srv,22")]
    [InlineData("-A tcp/22 --nat-local -N h:80", 5, "tcp/22", "h,80")]
    [InlineData("-A tcp/22 --nat-local --nat-port 5555", 5, "tcp/5555", "srv,22")]
    [InlineData("-A tcp/22 -N h:80 --nat-port 5555", 2, "tcp/5555", "h,80")]
    [InlineData("-A tcp/22 --nat-port 5555", 1, "tcp/5555", null)]
    [InlineData("-A tcp/22 --nat-port 0 --nat-local", 5, "tcp/22", "srv,22")]
    public void Type_message_and_nat(string options, int type, string access, string? nat)
    {
        using ClientHarness client = new();
        SpaMessage message = client.Knock(["-D", "srv", "-a", "192.0.2.7", .. options.Split(' ')]).Message;
        Assert.Equal((MessageType)type, message.Type);
        Assert.Equal($"192.0.2.7,{access}", message.Message.ToString());
        Assert.Equal(nat, message.NatAccess?.ToString());
        Assert.Equal(ClientHarness.Now.ToUnixTimeSeconds(), message.Timestamp);
    }

    [Theory]
    [InlineData("tcp/22, udp/53")]
    [InlineData(" tcp/22 ,udp/53 ")]
    public void Blanks_around_commas_are_trimmed(string list)
    {
        using ClientHarness client = new();
        Assert.Equal([PortSpec.Tcp(22), PortSpec.Udp(53)], client.Knock("-D", "srv", "-s", "-A", list).Message.Ports);
    }

    [Fact]
    public void Ipv6_address_to_allow()
    {
        using ClientHarness client = new();
        SpaMessage message = client.Knock("-D", "srv", "-a", "[2001:DB8::1]", "-A", "tcp/22").Message;
        Assert.Equal("2001:db8::1,tcp/22", message.Message.ToString());
        Assert.Equal(IPAddress.Parse("2001:db8::1"), message.AllowAddress);
    }

    [Theory]
    [InlineData("--nat-local", "srv,22")]
    [InlineData("-N h:80 --nat-port 5555", "h,80")]
    public void Random_nat_port_is_announced(string options, string nat)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(
            ["-D", "srv", "-s", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h", "--no-rc-file", "--nat-rand-port", .. options.Split(' ')]);
        Assert.Equal(0, run.Status);
        Assert.Matches($"^\\[\\+\\] Randomly assigned port '([1-6][0-9]{{4}})' on: '0.0.0.0,tcp/\\1' will grant access to: '{nat}'\n$", run.Output);
    }

    private const string Nat4 = "\nfwknop: fko_set_nat_access_str: Error 4 - Args contain invalid data";
    private const string Access102 = "fwknop: fko_set_spa_message: Error 102 - Invalid SPA access message format";
    private const string Error94 =
        "fwknop: fko_set_spa_message: Error 94 - Value or Size of the data exceeded the max allowed\n[*] The list of -A is too long for a packet. Ask for fewer ports.";
    private const string Form = " is not of the form PROTOCOL/PORT, such as tcp/22, or PROTOCOL/FIRST-LAST.";
    private const string NoNat = "\n[*] -A none does not go with NAT: name the port that is to lead to the other host.";
    private const string NoAccess = Access102 + "\n[*] Nothing is asked for: name the ports with -A, for example -A tcp/22.";

    [Theory]
    [InlineData("", NoAccess)]
    [InlineData("-N h", NoAccess)]
    [InlineData("-A icmp/8", Access102 + "\n[*] -A: 'icmp/8'" + Form)]
    [InlineData("-A tcp/22,none/0", Access102 + "\n[*] -A: 'none/0'" + Form)]
    [InlineData("-A tcp/22,none", Access102 + "\n[*] -A: 'none'" + Form)]
    [InlineData("-A NONE", Access102 + "\n[*] -A: 'NONE'" + Form)]
    [InlineData("-A none --nat-local", Access102 + NoNat)]
    [InlineData("-A none -N h:22 -f 9", Access102 + NoNat)]
    [InlineData("-A tcp", Access102 + "\n[*] -A: 'tcp'" + Form)]
    [InlineData("-A TCP/22", Access102 + "\n[*] -A: 'TCP/22'" + Form)]
    [InlineData("-A tcp/0", Access102 + "\n[*] -A: 'tcp/0'" + Form)]
    [InlineData("-A tcp/65536", Access102 + "\n[*] -A: 'tcp/65536'" + Form)]
    [InlineData("-A tcp/22,", Access102 + "\n[*] -A: ''" + Form)]
    [InlineData("-A ,tcp/22", Access102 + "\n[*] -A: ''" + Form)]
    [InlineData("-A tcp/22,,tcp/23", Access102 + "\n[*] -A: ''" + Form)]
    [InlineData("-A tcp/22x -N h", Access102 + "\n[*] -A: 'tcp/22x'" + Form)]
    [InlineData("-A tcp/22/33 --nat-local", Access102 + "\n[*] -A: 'tcp/22/33'" + Form)]
    [InlineData("-A tcp/22-20", Access102 + "\n[*] -A: 'tcp/22-20'" + Form)]
    [InlineData("-A @256", Error94)]
    [InlineData("-A tcp/1-20,udp/1-20", Error94)]
    [InlineData("-A tcp --nat-port 55", "[*] Expecting <proto>/<port> for -A arg.")]
    [InlineData("-A tcp/22,tcp/123 -N h --nat-port 55", "[*] NAT for multiple ports/protocols not yet supported.")]
    [InlineData("-A tcp/99999 -N h:99999 --nat-port 22211", "[*] Invalid port value '99999' for -A arg." + Nat4)]
    [InlineData("-A tcp/22 -N h:0", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N h:65536", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N h:", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N h:22x", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N h:22:23", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N 2001:db8::1", "[*] Invalid port value in -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N [2001:db8::1]x:22", "[*] Invalid NAT destination '[2001:db8::1]x' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N [fe80::1%1]:22", "[*] Invalid NAT destination '[fe80::1%1]' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N .168.10.1", "[*] Invalid NAT destination '.168.10.1' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N h_x:22", "[*] Invalid NAT destination 'h_x' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N -h:22", "[*] Invalid NAT destination '-h' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N :22", "[*] Invalid NAT destination '' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -N $(id):22", "[*] Invalid NAT destination '$(id)' for -N arg." + Nat4)]
    [InlineData("-A tcp/22 -U some=user", "fwknop: fko_set_username: Error 91 - Args contain invalid data: FKO_ERROR_INVALID_DATA_USER_REMCHAR_VALIDFAIL")]
    [InlineData("-A tcp/22 -U =user", "fwknop: fko_set_username: Error 90 - Args contain invalid data: FKO_ERROR_INVALID_DATA_USER_FIRSTCHAR_VALIDFAIL")]
    [InlineData("-A tcp/22 -U usér", "fwknop: fko_set_username: Error 91 - Args contain invalid data: FKO_ERROR_INVALID_DATA_USER_REMCHAR_VALIDFAIL")]
    [InlineData("-A tcp/22 --time-offset-minus 65536d", "fwknop: fko_set_timestamp: Error 88 - Args contain invalid data: FKO_ERROR_INVALID_DATA_TIMESTAMP_VALIDFAIL\n"
        + "[*] The time offset is too large: it leads to a time before 1970.")]
    public void Refusal(string options, string expected)
    {
        using ClientHarness client = new();
        options = options.Replace("@256", string.Join(',', Enumerable.Repeat("tcp/11111", 26)), StringComparison.Ordinal);
        ClientRunResult run = client.Run(
            ["-D", "h", "-s", "--key-rijndael", "k", "--key-hmac", "h", "--no-rc-file", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((1, "", expected + "\n"), (run.Status, run.Output, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    // -U, SPOOF_USER of the rc file, environment SPOOF_USER, LOGNAME, account, USER.
    [Theory]
    [InlineData("u", "r", "e", "l", "a", "U", "u")]
    [InlineData(null, "r", "e", "l", "a", "U", "r")]
    [InlineData(null, null, "e", "l", "a", "U", "e")]
    [InlineData(null, null, null, "l", "a", "U", "l")]
    [InlineData(null, null, null, null, "a", "U", "a")]
    [InlineData(null, null, null, null, "", "U", "U")]
    [InlineData(null, null, null, null, "", null, "NO_USER")]
    [InlineData("", null, "e", "l", "a", "U", "e")]
    [InlineData("u", null, "b=d", "", "a", "U", "u")]
    public void User_name(string? option, string? rc, string? spoof, string? logname, string account, string? user, string expected)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\nKEY k\n{(rc is null ? "" : $"SPOOF_USER {rc}")}\n");
        client.Account = account;
        client.Variables["SPOOF_USER"] = spoof;
        client.Variables["LOGNAME"] = logname;
        client.Variables["USER"] = user;
        ClientRunResult run = client.Run(["-T", "-D", "h", "-s", "-A", "tcp/22", .. option is null ? (string[])[] : ["-U", option]]);
        Assert.Equal(expected, run.Field("Username"));
    }

    [Theory]
    [InlineData("a=b", "fwknop: fko_new: Error 91 - Args contain invalid data: FKO_ERROR_INVALID_DATA_USER_REMCHAR_VALIDFAIL\n")]
    [InlineData("", "fwknop: fko_new: Error 89 - Args contain invalid data: FKO_ERROR_INVALID_DATA_USER_MISSING\n")]
    public void Bad_user_name_of_the_environment(string name, string expected)
    {
        using ClientHarness client = new();
        client.Variables["LOGNAME"] = name;
        ClientRunResult run = client.Run("-T", "--no-rc-file", "-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k");
        Assert.Equal((1, "", expected), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void Long_user_name_is_cut_with_a_warning()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-T", "--no-rc-file", "-D", "h", "-s", "-A", "tcp/22", "--key-rijndael", "k", "-U", new string('A', 80));
        Assert.Equal((0, new string('A', 48)), (run.Status, run.Field("Username")));
        Assert.StartsWith("[-] WARNING: The user name is cut to 48 bytes", run.Error, StringComparison.Ordinal);
    }

    // The longest message strings of client.md 11.1, for a user name of four letters.
    [Theory]
    [InlineData("", 150)]
    [InlineData("md5", 138)]
    [InlineData("sha1", 126)]
    [InlineData("sha256", 126)]
    [InlineData("sha3_256", 126)]
    [InlineData("sha384", 114)]
    [InlineData("sha512", 102)]
    [InlineData("sha3_512", 102)]
    public void Packets_that_servers_take_for_gpg_are_warned_of(string hmac, int longest)
    {
        ClientRunResult fits = RunWithMessage(longest, hmac);
        Assert.Equal((0, ""), (fits.Status, fits.Error));
        ClientRunResult tooLong = RunWithMessage(longest + 1, hmac);

        // Without HMAC, and with the short one, the cipher text itself becomes too long for anybody.
        bool isRefused = hmac is "" or "md5";
        Assert.Equal(isRefused ? 1 : 0, tooLong.Status);
        Assert.StartsWith(
            isRefused ? "[*] The SPA packet is too long: " : "[-] WARNING: The SPA packet has ", tooLong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_that_nobody_can_decode_are_refused()
    {
        ClientRunResult run = RunWithMessage(151, "sha256");
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.StartsWith("[*] The SPA packet is too long: 417 characters without HMAC where at most 389", run.Error, StringComparison.Ordinal);
    }

    private static ClientRunResult RunWithMessage(int length, string hmac)
    {
        using ClientHarness client = new();
        const string address = "192.0.2.77,"; // 11 characters
        string access = "tcp/1";
        while (address.Length + access.Length + 6 <= length)
        {
            access += ",tcp/1";
        }

        // Leading zeros and longer ports fill up the rest.
        int missing = length - address.Length - access.Length;
        string[] items = access.Split(',');
        for (int i = 0; missing > 0; i++)
        {
            int zeros = Math.Min(4, missing);
            items[i] = $"tcp/{new string('0', zeros)}1";
            missing -= zeros;
        }

        string[] hmacOptions = hmac.Length == 0 ? [] : ["--key-hmac", "hmac key", "--hmac-digest-type", hmac];
        return client.Run(
            ["-T", "--no-rc-file", "-D", "h", "-U", "user", "-a", "192.0.2.77", "-A", string.Join(',', items), "--key-rijndael", "k", .. hmacOptions]);
    }
}
