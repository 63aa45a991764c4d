using Fwknop.Configuration.Server;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>Chains of NFT_INSERT: what passes here becomes text of nft commands.</summary>
public class NftHookTests
{
    [Theory]
    [InlineData("inet filter input", "inet filter input")]
    [InlineData(" ip6\tmy-table_1.x  INPUT ", "ip6 my-table_1.x INPUT")]
    [InlineData("ip _t _c, inet filter input, ip _t _c", "ip _t _c|inet filter input")]
    public void ReadsThreePlainWordsEach(string text, string hooks)
    {
        Assert.True(NftHook.TryParseList(text, out IReadOnlyList<NftHook> found, out IReadOnlyList<string> errors));
        Assert.Equal(hooks.Split('|'), found.Select(hook => hook.ToString()));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("inet")]
    [InlineData("inet filter")]
    [InlineData("inet filter input more")]
    [InlineData("bridge filter input")]
    [InlineData("arp filter input")]
    [InlineData("Inet filter input")]
    [InlineData("0 filter input")]
    [InlineData("inet filter input; flush ruleset")]
    [InlineData("inet filter input;flush")]
    [InlineData("inet filter\nflush ruleset input")]
    [InlineData("inet filter input\n")]
    [InlineData("inet filter \"input\"")]
    [InlineData("inet filter {")]
    [InlineData("inet $table input")]
    [InlineData("inet filter #")]
    [InlineData("inet 1filter input")]
    [InlineData("inet .filter input")]
    [InlineData("inet filter -input")]
    [InlineData("inet filter in/put")]
    [InlineData("inet filter inp\u00fct")]
    [InlineData("inet filter input,")]
    [InlineData("inet filter input, ip filter")]
    public void RefusesEverythingElse(string text)
    {
        Assert.False(NftHook.TryParseList(text, out IReadOnlyList<NftHook> found, out IReadOnlyList<string> errors));
        Assert.Empty(found);
        Assert.Single(errors);
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void BoundsNames(int length, bool accepted)
    {
        string name = new('a', length);
        Assert.Equal(accepted, NftHook.TryParseList($"inet {name} input", out _, out _));
        Assert.Equal(accepted, NftHook.TryParseList($"inet filter {name}", out _, out _));
    }
}
