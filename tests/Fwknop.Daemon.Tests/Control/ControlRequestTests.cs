using System.Text;
using System.Text.Json;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;

namespace Fwknop.Daemon.Tests.Control;

public sealed class ControlRequestTests
{
    [Theory]
    [InlineData("""{"protocol":1,"request":"list"}""")]
    [InlineData("""{"protocol":1,"request":"status"}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"192.0.2.7,tcp/22","cut":true}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"2001:db8::/64","cut":false}""")]
    public void Is_read_as_it_is_written(string line)
    {
        ControlRequest? request = ControlRequest.Parse(Encoding.UTF8.GetBytes(line), out _);
        Assert.NotNull(request);
        Assert.Equal(line + "\n", Encoding.UTF8.GetString(request.ToBytes()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("list")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"list\"")]
    [InlineData("""{"protocol":1,"request":"list"}{}""")]
    [InlineData("""{"protocol":1,"request":"list"} x""")]
    [InlineData("""{"protocol":1,"request":"list" """)]
    [InlineData("""{"protocol":1,"request":"list","request":"status"}""")]
    [InlineData("""{"protocol":1,"request":"list","cut":true}""")]
    [InlineData("""{"protocol":1,"request":"List"}""")]
    [InlineData("""{"protocol":1,"request":"drop"}""")]
    [InlineData("""{"protocol":1,"request":["list"]}""")]
    [InlineData("""{"protocol":1,"request":{"list":1}}""")]
    [InlineData("""{"protocol":1,"request":"revoke"}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"192.0.2.7"}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"ANY","cut":false}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"192.0.2.7 -j ACCEPT","cut":false}""")]
    [InlineData("""{"protocol":1,"request":"revoke","grants":"192.0.2.7","cut":"yes"}""")]
    [InlineData("""{"protocol":1,"request":"\ud800"}""")]
    [InlineData("""{"protocol":1,"request":"list","more":1}""")]
    [InlineData("""{"protocol":"1","request":"list"}""")]
    [InlineData("""{"protocol":1.5,"request":"list"}""")]
    public void Anything_else_is_refused(string line) => Assert.Null(ControlRequest.Parse(Encoding.UTF8.GetBytes(line), out _));

    [Theory]
    [InlineData("""{"protocol":2,"request":"list"}""")]
    [InlineData("""{"request":"list"}""")]
    public void Another_protocol_is_told_of_it(string line)
    {
        Assert.Null(ControlRequest.Parse(Encoding.UTF8.GetBytes(line), out string problem));
        Assert.StartsWith("this fwknopd speaks protocol 1", problem, StringComparison.Ordinal);
    }

    /// <summary>One byte of a good request changed, removed or doubled, and bytes at random: a request or none, never an exception.</summary>
    [Fact]
    public void Survives_what_is_no_request()
    {
        byte[] good = """{"protocol":1,"request":"revoke","grants":"192.0.2.7,tcp/22","cut":true}"""u8.ToArray();
        Random random = new(4711);
        int read = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. good];
            int place = random.Next(bytes.Length);
            switch (round % 4)
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = [.. bytes[..place], .. bytes[(place + 1)..]];
                    break;
                case 2:
                    bytes = [.. bytes[..place], .. bytes[..place]];
                    break;
                default:
                    random.NextBytes(bytes);
                    break;
            }

            read += ControlRequest.Parse(bytes, out _) is null ? 0 : 1;
        }

        // Another digit in address or port is a request, too; hardly anything else.
        Assert.InRange(read, 1, 4000);
    }

    [Fact]
    public void An_answer_escapes_what_a_packet_put_into_a_user_name()
    {
        const string User = "a\"}\n\u001b[2J\u0000\ud800é";
        OpenGrant grant = new(
            System.Net.IPNetwork.Parse("192.0.2.7/32"), null, null, 3, new GrantHolder(3, null, User, 0), 60, TimeSpan.FromSeconds(59.2), "command");

        byte[] bytes = new ControlAnswer.Grants([grant]).ToBytes();

        Assert.Equal(bytes.Length - 1, Array.IndexOf(bytes, (byte)'\n'));
        using JsonDocument json = JsonDocument.Parse(bytes);
        JsonElement entry = json.RootElement.GetProperty("grants")[0];
        Assert.Equal("a\"}\n\u001b[2J\u0000\ufffdé", entry.GetProperty("user").GetString());
        Assert.Equal((60, "1970-01-01T00:01:00Z"), (entry.GetProperty("remaining").GetInt32(), entry.GetProperty("until").GetString()));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("port").ValueKind);

        using StringWriter table = new();
        GrantTable.Write(table, json.RootElement.GetProperty("grants").EnumerateArray());
        Assert.Equal(
            "ADDRESS    PORT  STANZA  USER         SINCE                 UNTIL                 LEFT  BY       STATE\n"
            + "192.0.2.7  -     #3      a\"}??[2J?\ufffdé  1970-01-01T00:00:00Z  1970-01-01T00:01:00Z  60s   command  open\n",
            table.ToString());
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "tcp/22", true)]
    [InlineData("192.0.2.7", "192.0.2.8", "tcp/22", false)]
    [InlineData("192.0.2.7,22", "192.0.2.7", "udp/22", true)]
    [InlineData("192.0.2.7,tcp/22", "192.0.2.7", "udp/22", false)]
    [InlineData("192.0.2.7,tcp/22", "192.0.2.7", "tcp/23", false)]
    [InlineData("192.0.2.0/24,22", "192.0.2.99", "tcp/22", true)]
    [InlineData("192.0.2.9/24,22", "192.0.2.99", "tcp/22", true)]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", "tcp/22", true)]
    [InlineData("192.0.2.7", "192.0.2.0/24", "tcp/22", true)]
    [InlineData("192.0.2.0/25", "192.0.2.0/24", "tcp/22", true)]
    [InlineData("192.0.2.0/24", "192.0.2.128/25", "tcp/22", true)]
    [InlineData("192.0.3.7", "192.0.2.0/24", "tcp/22", false)]
    [InlineData("192.0.2.7,22", "192.0.2.7", "tcp/20-30", true)]
    [InlineData("192.0.2.7,31", "192.0.2.7", "tcp/20-30", false)]
    [InlineData("2001:db8::/32", "2001:db8::1", "tcp/22", true)]
    [InlineData("2001:db8::/32", "192.0.2.7", "tcp/22", false)]
    [InlineData("0.0.0.0/0", "192.0.2.7", "tcp/22", true)]
    [InlineData("192.0.2.7", "192.0.2.7", null, true)]
    [InlineData("192.0.2.7,22", "192.0.2.7", null, false)]
    public void Says_which_grants_are_meant(string text, string address, string? port, bool expected)
    {
        Assert.True(GrantSelector.TryParse(text, out GrantSelector? selector), text);
        Assert.Equal(expected, selector.Matches(Enforcement.Grants.Network(address), port is null ? null : Enforcement.Grants.Range(port)));
        Assert.True(GrantSelector.TryParse(selector.ToString(), out GrantSelector? again) && again == selector, selector.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ANY")]
    [InlineData("10.1")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("192.0.2.7,")]
    [InlineData("192.0.2.7,0")]
    [InlineData("192.0.2.7,65536")]
    [InlineData("192.0.2.7,tcp")]
    [InlineData("192.0.2.7,icmp/1")]
    [InlineData("192.0.2.7,TCP/22")]
    [InlineData("192.0.2.7,tcp/22,23")]
    [InlineData("192.0.2.7,tcp/22/23")]
    [InlineData("192.0.2.7,+22")]
    [InlineData("192.0.2.7, 22")]
    [InlineData("192.0.2.7,22\0")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/")]
    [InlineData("fe80::1%eth0")]
    [InlineData("host.example")]
    public void Refuses_what_names_no_address(string text) => Assert.False(GrantSelector.TryParse(text, out _));
}
