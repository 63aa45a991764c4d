using System.Diagnostics;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Tests.Programs;

public sealed class ExternalCommandTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void Input_and_output_are_passed_whole()
    {
        string text = string.Concat(Enumerable.Repeat("0123456789abcdef\n", 20_000));
        Assert.Equal(new ExternalResult(true, text, ""), ExternalCommand.Run("/bin/cat", [], text, Long));
    }

    [Fact]
    public void Arguments_are_not_read_by_a_shell() =>
        Assert.Equal("$HOME; `id` *\n", ExternalCommand.Run("/bin/echo", ["$HOME; `id` *"], "", Long).Output);

    [Fact]
    public void The_environment_is_not_inherited() => Assert.Equal(
        ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
        ExternalCommand.Run("/usr/bin/env", [], "", Long).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());

    [Theory]
    [InlineData("echo 'no such chain' >&2; exit 3", "no such chain")]
    [InlineData("exit 3", "/bin/sh exited with status 3")]
    [InlineData("printf 'one\\ntwo\\033[31m' >&2; exit 1", "one two [31m")]
    [InlineData("kill -9 $$", "/bin/sh exited with status 137")]
    public void A_failure_is_told_in_the_programs_words(string script, string error)
    {
        ExternalResult result = ExternalCommand.Run("/bin/sh", ["-c", script], "", Long);
        Assert.False(result.Succeeded);
        Assert.Equal(error, result.Error);
    }

    [Fact]
    public void A_missing_program_is_a_failure()
    {
        ExternalResult result = ExternalCommand.Run("/nonexistent/iptables", [], "", Long);
        Assert.False(result.Succeeded);
        Assert.StartsWith("/nonexistent/iptables cannot be run", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_read_its_input_is_judged_by_its_status()
    {
        string much = new('x', 1_000_000);
        Assert.True(ExternalCommand.Run("/bin/true", [], much, Long).Succeeded);
        ExternalResult failed = ExternalCommand.Run("/bin/false", [], much, Long);
        Assert.Equal((false, 1), (failed.Succeeded, failed.Status));
    }

    [Theory]
    [InlineData("sleep 100")]
    [InlineData("sleep 100 & wait")]
    [InlineData("exec >&- 2>&-; sleep 100")]
    public void A_program_that_hangs_is_ended(string script)
    {
        long started = Stopwatch.GetTimestamp();
        ExternalResult result = ExternalCommand.Run("/bin/sh", ["-c", script], "", TimeSpan.FromMilliseconds(300));
        Assert.False(result.Succeeded);
        Assert.Contains("did not finish", result.Error, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Endless_output_is_a_failure()
    {
        ExternalResult result = ExternalCommand.Run("/usr/bin/yes", [], "", Long);
        Assert.False(result.Succeeded);
        Assert.Empty(result.Output);
    }
}
