using Fwknop.Listener.Confinement;

namespace Fwknop.Listener.Tests.Confinement;

public sealed class ThreadStatusTests
{
    private const string Confined = """
        Name:	.NET Tiered Com
        Umask:	0022
        State:	S (sleeping)
        Tgid:	4711
        Pid:	4715
        TracerPid:	0
        Uid:	982	982	982	982
        Gid:	981	981	981	981
        FDSize:	256
        Groups:	 
        VmPeak:	  273412 kB
        CapInh:	0000000000002000
        CapPrm:	0000000000002000
        CapEff:	0000000000002000
        CapBnd:	0000000000002000
        CapAmb:	0000000000002000
        NoNewPrivs:	1
        Seccomp:	0
        """;

    private const string Unprivileged = "0000000000000000";

    [Fact]
    public void A_confined_thread_has_no_violations() => Assert.Empty(ThreadStatus.Parse(Confined).FindViolations(Capabilities.NetRaw));

    [Theory]
    [InlineData(0, Unprivileged)]
    [InlineData((ulong)Capabilities.NetRaw, Unprivileged)]
    [InlineData((ulong)Capabilities.NetBindService, "0000000000000400")]
    [InlineData((ulong)Capabilities.NetBindService, Unprivileged)]
    [InlineData((ulong)(Capabilities.NetRaw | Capabilities.NetBindService), "0000000000002400")]
    public void Less_than_what_is_allowed_is_no_violation(ulong allowed, string held) =>
        Assert.Empty(ThreadStatus.Parse(Confined.Replace("0000000000002000", held, StringComparison.Ordinal)).FindViolations((Capabilities)allowed));

    [Theory]
    [InlineData("real uid of root", "Uid:	982	982	982	982", "Uid:	0	982	982	982", "Uid is root's: 0 982 982 982")]
    [InlineData("effective uid of root", "Uid:	982	982	982	982", "Uid:	982	0	982	982", "Uid is root's: 982 0 982 982")]
    [InlineData("saved uid of root", "Uid:	982	982	982	982", "Uid:	982	982	0	982", "Uid is root's: 982 982 0 982")]
    [InlineData("file system uid of root", "Uid:	982	982	982	982", "Uid:	982	982	982	0", "Uid is root's: 982 982 982 0")]
    [InlineData("three uids", "Uid:	982	982	982	982", "Uid:	982	982	982", "Uid cannot be read: '982	982	982'")]
    [InlineData("five uids", "Uid:	982	982	982	982", "Uid:	982	982	982	982	982", "Uid cannot be read: '982	982	982	982	982'")]
    [InlineData("no uids", "Uid:	982	982	982	982", "Uid:", "Uid cannot be read: ''")]
    [InlineData("uid is a word", "Uid:	982	982	982	982", "Uid:	982	root	982	982", "Uid cannot be read: '982	root	982	982'")]
    [InlineData("negative uid", "Uid:	982	982	982	982", "Uid:	982	-1	982	982", "Uid cannot be read: '982	-1	982	982'")]
    [InlineData("uid beyond 32 bits", "Uid:	982	982	982	982", "Uid:	982	4294967296	982	982", "Uid cannot be read: '982	4294967296	982	982'")]
    [InlineData("zero with a leading zero", "Uid:	982	982	982	982", "Uid:	982	00	982	982", "Uid is root's: 982 00 982 982")]
    [InlineData("uid line is missing", "Uid:	982	982	982	982", "Xid:	982	982	982	982", "Uid is missing")]
    [InlineData("root's group", "Gid:	981	981	981	981", "Gid:	981	981	981	0", "Gid is root's: 981 981 981 0")]
    [InlineData("gid line is missing", "Gid:	981	981	981	981", "", "Gid is missing")]
    [InlineData("a group is left", "Groups:	 ", "Groups:	4 ", "supplementary groups are left: 4")]
    [InlineData("root's group is left", "Groups:	 ", "Groups:	0 27 ", "supplementary groups are left: 0 27")]
    [InlineData("groups line is missing", "Groups:	 ", "", "Groups is missing")]
    [InlineData("new privileges", "NoNewPrivs:	1", "NoNewPrivs:	0", "new privileges can be gained: NoNewPrivs is '0'")]
    [InlineData("no_new_privs is something else", "NoNewPrivs:	1", "NoNewPrivs:	11", "new privileges can be gained: NoNewPrivs is '11'")]
    [InlineData("no_new_privs is missing", "NoNewPrivs:	1", "", "NoNewPrivs is missing")]
    [InlineData("inheritable", "CapInh:	0000000000002000", "CapInh:	0000000000003000", "CapInh holds capabilities beyond those needed: 0000000000001000")]
    [InlineData("permitted", "CapPrm:	0000000000002000", "CapPrm:	0000000000202000", "CapPrm holds capabilities beyond those needed: 0000000000200000")]
    [InlineData("effective", "CapEff:	0000000000002000", "CapEff:	000001ffffffffff", "CapEff holds capabilities beyond those needed: 000001ffffffdfff")]
    [InlineData("bounding", "CapBnd:	0000000000002000", "CapBnd:	8000000000002000", "CapBnd holds capabilities beyond those needed: 8000000000000000")]
    [InlineData("ambient", "CapAmb:	0000000000002000", "CapAmb:	0000000000002001", "CapAmb holds capabilities beyond those needed: 0000000000000001")]
    [InlineData("port binding where capture is allowed", "CapEff:	0000000000002000", "CapEff:	0000000000000400", "CapEff holds capabilities beyond those needed: 0000000000000400")]
    [InlineData("capabilities are no number", "CapEff:	0000000000002000", "CapEff:	all", "CapEff cannot be read: 'all'")]
    [InlineData("capabilities with a prefix", "CapEff:	0000000000002000", "CapEff:	0x2000", "CapEff cannot be read: '0x2000'")]
    [InlineData("capabilities beyond 64 bits", "CapEff:	0000000000002000", "CapEff:	10000000000002000", "CapEff cannot be read: '10000000000002000'")]
    [InlineData("capabilities are missing", "CapAmb:	0000000000002000", "", "CapAmb is missing")]
    [InlineData("a line comes twice", "NoNewPrivs:	1", "NoNewPrivs:	1\nNoNewPrivs:	0", "NoNewPrivs is there more than once")]
    public void Anything_else_is_a_violation(string name, string line, string instead, string violation)
    {
        var text = Confined.Replace(line, instead, StringComparison.Ordinal);
        Assert.NotEqual(Confined, text);

        Assert.True(ThreadStatus.Parse(text).FindViolations(Capabilities.NetRaw) is [var only] && only == violation, name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((ulong)Capabilities.NetBindService)]
    public void Capture_is_a_violation_where_it_is_not_needed(ulong allowed) =>
        Assert.Equal(5, ThreadStatus.Parse(Confined).FindViolations((Capabilities)allowed).Count);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData(":")]
    [InlineData("Name:	x\nUid")]
    public void A_text_that_says_nothing_is_all_violations(string text) =>
        Assert.Equal(9, ThreadStatus.Parse(text).FindViolations(Capabilities.NetRaw).Count);

    [Fact]
    public void All_violations_are_told_not_only_the_first()
    {
        var root = Confined
            .Replace("982	982	982	982", "0	0	0	0", StringComparison.Ordinal)
            .Replace("981	981	981	981", "0	0	0	0", StringComparison.Ordinal)
            .Replace("NoNewPrivs:	1", "NoNewPrivs:	0", StringComparison.Ordinal);

        Assert.Equal(3, ThreadStatus.Parse(root).FindViolations(Capabilities.NetRaw).Count);
    }
}
