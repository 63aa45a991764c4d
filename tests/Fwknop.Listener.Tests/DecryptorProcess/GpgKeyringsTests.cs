using Fwknop.Grants;
using Fwknop.Listener.DecryptorProcess;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.DecryptorProcess;

/// <summary>How gpg is run on what strangers send.</summary>
public sealed class GpgKeyringsTests
{
    [Fact]
    public void Gpg_has_limits_before_it_reads_the_message()
    {
        using TemporaryFolder folder = new();
        string seen = folder.FilePath("limits");
        string gpg = folder.Write("gpg", $"#!/bin/sh\nread message\ncat /proc/$$/limits > {seen}\n");
        File.SetUnixFileMode(gpg, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        // In place of the real one, which would work for a folder that is about to go.
        string agent = folder.Write("gpg-agent", "#!/bin/sh\nexit 2\n");
        File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        DecryptorSetup setup = new() { Descriptor = -1, Keyrings = [new Keyring(folder.Path, gpg, null, null)] };
        using GpgKeyrings keyrings = new(setup);

        using DecryptionAnswer? answer = keyrings.Answer(new DecryptionQuestion(0, "message\n"u8.ToArray()));

        Assert.Equal("gpg ended with status 0", answer!.ErrorText);
        string limits = File.ReadAllText(seen);
        Assert.Matches(@"Max cpu time\s+5\s+5\s", limits);
        Assert.Matches(@"Max address space\s+536870912\s+536870912\s", limits);
        Assert.Matches(@"Max file size\s+67108864\s+67108864\s", limits);
        Assert.Matches(@"Max core file size\s+0\s+0\s", limits);
    }

    [Fact]
    public void A_keyring_that_there_is_none_of_gets_no_answer()
    {
        using GpgKeyrings keyrings = new(new DecryptorSetup { Descriptor = -1, Keyrings = [] });
        Assert.Null(keyrings.Answer(new DecryptionQuestion(0, [1])));
    }
}
