using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>All that is wrong with both files is told at once.</summary>
public sealed class ConfigurationSourceTests : IDisposable
{
    private const string BadNumber = "MAX_SPA_PACKET_AGE 0\n";
    private const string BadAccess = "SOURCE 1.2.3.4/99\nKEY k\nHMAC_KEY h\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ACCESS_FILE {0}/access.conf\n", false, "access.conf")]
    [InlineData("ACCESS_FOLDER {0}/access\n", false, "access/a.conf")]
    [InlineData("", true, "access.conf")]
    [InlineData("ACCESS_FOLDER {0}/access\n", true, "access/a.conf")]
    [InlineData("PCAP_FILTER a\0b\n", true, "access.conf")]
    [InlineData("PCAP_FILTER a\0b\nACCESS_FOLDER {0}/nowhere\n", true, "access.conf")]
    public void Findings_of_access_conf_follow_those_of_fwknopd_conf(string configuration, bool isNamedByOption, string access)
    {
        IReadOnlyList<ConfigDiagnostic> errors = Errors(BadNumber + configuration, isNamedByOption);

        ConfigDiagnostic[] ofAccess = [.. errors.SkipWhile(error => error.File == _folder.FilePath("fwknopd.conf"))];
        Assert.Contains(errors.SkipLast(ofAccess.Length), error => error.Text.Contains("MAX_SPA_PACKET_AGE", StringComparison.Ordinal));
        Assert.Contains(ofAccess, error => error.Text.Contains("invalid SOURCE in access stanza", StringComparison.Ordinal));
        Assert.All(ofAccess, error => Assert.Equal(_folder.FilePath(access), error.File));
    }

    /// <summary>Nothing is said of a file that may not be the one.</summary>
    [Theory]
    [InlineData("ACCESS_FILE {0}/access.conf\nPCAP_FILTER a\0b\n")]
    [InlineData("ACCESS_FOLDER {0}/access\nPCAP_FILTER a\u001bb\n")]
    public void Where_settings_are_lost_only_the_command_line_leads_to_access_conf(string configuration)
    {
        Assert.All(Errors(configuration, isNamedByOption: false), error => Assert.Equal(_folder.FilePath("fwknopd.conf"), error.File));
    }

    /// <summary>Who could write fwknopd.conf shall not choose what root reads and tells of.</summary>
    [Fact]
    public void A_file_that_others_can_write_does_not_lead_to_access_conf()
    {
        string text = "ACCESS_FILE {0}/access.conf\n";
        File.SetUnixFileMode(_folder.Write("fwknopd.conf", ""), (UnixFileMode)0x1b6);

        Assert.Contains("can be changed by other users", Assert.Single(Errors(text, isNamedByOption: false)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_fwknopd_conf_the_file_of_the_command_line_is_read()
    {
        _folder.Write("access.conf", BadAccess);
        IReadOnlyList<ConfigDiagnostic> errors = Read("-c", _folder.FilePath("missing"), "-a", _folder.FilePath("access.conf"));

        Assert.Equal(["missing", "access.conf"], errors.Select(error => Path.GetFileName(error.File)).Distinct());
    }

    [Fact]
    public void A_good_access_conf_does_not_mend_a_bad_fwknopd_conf()
    {
        _folder.Write("fwknopd.conf", BadNumber);
        _folder.Write("access.conf", "SOURCE ANY\nKEY k\nHMAC_KEY h\n");

        Assert.Contains(
            "MAX_SPA_PACKET_AGE",
            Assert.Single(Read("-c", _folder.FilePath("fwknopd.conf"), "-a", _folder.FilePath("access.conf"))).Text,
            StringComparison.Ordinal);
    }

    private IReadOnlyList<ConfigDiagnostic> Errors(string configuration, bool isNamedByOption)
    {
        _folder.Write("access.conf", BadAccess);
        _folder.Write("access/a.conf", BadAccess);
        _folder.Write("fwknopd.conf", configuration.Replace("{0}", _folder.Path, StringComparison.Ordinal));
        return Read(["-c", _folder.FilePath("fwknopd.conf"), .. isNamedByOption ? (string[])["-a", _folder.FilePath("access.conf")] : []]);
    }

    private static IReadOnlyList<ConfigDiagnostic> Read(params string[] arguments)
    {
        ServerOptions options = ServerCommandLine.Parse("fwknopd", arguments, false);
        Loaded<DaemonConfiguration> loaded = new ConfigurationSource(options).Read();
        Assert.True(loaded.HasErrors);
        return [.. loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error)];
    }
}
