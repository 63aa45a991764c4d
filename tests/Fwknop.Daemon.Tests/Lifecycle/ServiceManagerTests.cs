using Fwknop.Daemon.Lifecycle;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_told_of_every_change()
    {
        using SyslogServer server = SyslogServer.Start(_folder.FilePath("notify"));
        using ServiceManager service = Find(_folder.FilePath("notify"));

        service.Ready();
        service.Reloading(TimeSpan.FromSeconds(12.5));
        service.Stopping();

        server.WaitFor("Shutting down");
        Assert.Equal(
            [
                "READY=1\nSTATUS=Waiting for packets",
                "RELOADING=1\nMONOTONIC_USEC=12500000\nSTATUS=Reading the configuration",
                "STOPPING=1\nSTATUS=Shutting down",
            ],
            server.Lines);
        Assert.Null(service.NextDue);
    }

    [Theory]
    [InlineData("4000000", null, true)]
    [InlineData("4000000", "own", true)]
    [InlineData("4000000", "1", false)]
    [InlineData("0", null, false)]
    [InlineData("x", null, false)]
    [InlineData(null, null, false)]
    public void A_watchdog_is_fed_twice_a_period_and_only_when_there_is_one(string? period, string? process, bool expected)
    {
        using SyslogServer server = SyslogServer.Start(_folder.FilePath("notify"));
        using ServiceManager service = Find(_folder.FilePath("notify"), period, process == "own" ? $"{Environment.ProcessId}" : process);
        Assert.Equal(expected ? TimeSpan.Zero : null, service.NextDue);

        service.KeepAlive(TimeSpan.FromSeconds(10));
        service.KeepAlive(TimeSpan.FromSeconds(11));
        Assert.Equal(expected ? TimeSpan.FromSeconds(12) : null, service.NextDue);
        service.KeepAlive(TimeSpan.FromSeconds(12));
        service.Stopping();

        server.WaitFor("Shutting down");
        Assert.Equal(expected ? 2 : 0, server.Lines.Count(line => line == "WATCHDOG=1"));
    }

    [Fact]
    public void A_name_without_a_folder_works()
    {
        string name = $"fwknop-test-{Guid.NewGuid():N}";
        using SyslogServer server = SyslogServer.Start($"\0{name}");
        using ServiceManager service = Find($"@{name}");
        service.Ready();
        server.WaitFor("packets");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("/nowhere/notify")]
    public void Nobody_is_told_when_nobody_asks(string? path)
    {
        using ServiceManager service = Find(path, "1000000");
        service.Ready();
        service.KeepAlive(TimeSpan.FromSeconds(10));
        Assert.Null(service.NextDue);
    }

    private static ServiceManager Find(string? path, string? watchdog = null, string? process = null) => ServiceManager.Find(name => name switch
    {
        "NOTIFY_SOCKET" => path,
        "WATCHDOG_USEC" => watchdog,
        "WATCHDOG_PID" => process,
        _ => null,
    });
}
