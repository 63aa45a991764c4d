using Fwknop.Fuzz;

namespace Fwknop.Listener.Tests;

/// <summary>Every target of the fuzzer for a moment, so that a broken promise is found without anybody running it.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData("http", 100_000)]
    [InlineData("packet", 50_000)]
    [InlineData("message", 100_000)]
    [InlineData("digest", 100_000)]
    [InlineData("access", 10_000)]
    [InlineData("include", 10_000)]
    [InlineData("userkeys", 20_000)]
    [InlineData("config", 10_000)]
    [InlineData("rc", 20_000)]
    [InlineData("words", 100_000)]
    [InlineData("keyfile", 100_000)]
    [InlineData("reply", 100_000)]
    [InlineData("gpgstatus", 20_000)]
    [InlineData("gpglist", 20_000)]
    public void Mutated_input_breaks_no_promise(string target, int count) =>
        Assert.Null(FuzzRun.FindFailure(FuzzTargets.Find(target)!, seed: 3, count));
}
