using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Listening;
using Fwknop.Daemon.Logging;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>Run directory, lock, the listener's user, the queue.</summary>
public sealed class StartUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _lines = new();

    public void Dispose()
    {
        _folder.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void The_run_directory_is_made_for_the_owner_alone()
    {
        string path = _folder.FilePath("a/run");
        RunDirectory.Ensure(path, Log());

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Equal(
            $"Run directory: {path} does not exist. Attempting to create it.\nSuccessfully created Run directory: {path}\n", _lines.ToString());
    }

    [Fact]
    public void A_run_directory_that_is_there_is_left_alone()
    {
        RunDirectory.Ensure(_folder.Path, Log());
        Assert.Equal("", _lines.ToString());
    }

    [Fact]
    public void A_file_is_no_run_directory()
    {
        string path = _folder.Write("run", "");
        StartupException error = Assert.Throws<StartupException>(() => RunDirectory.Ensure(path, Log()));
        Assert.Equal($"Specified Run directory: {path} is NOT a directory", error.Message);
    }

    [Fact]
    public void A_run_directory_that_cannot_be_made_is_refused()
    {
        string path = Path.Combine(_folder.Write("file", ""), "run");
        StartupException error = Assert.Throws<StartupException>(() => RunDirectory.Ensure(path, Log()));
        Assert.Contains($"Could not create Run directory: {path}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lock_names_its_holder()
    {
        string path = _folder.FilePath("fwknopd.pid");
        using (InstanceLock.Acquire(path))
        {
            Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        InstanceLock.Acquire(path).Dispose();
    }

    [Fact]
    public void A_longer_number_of_an_earlier_run_leaves_nothing()
    {
        string path = _folder.Write("fwknopd.pid", "4194303999\nrubbish");
        using InstanceLock held = InstanceLock.Acquire(path);
        Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_lock_that_cannot_be_made_is_refused()
    {
        string path = _folder.FilePath("nowhere/fwknopd.pid");
        StartupException error = Assert.Throws<StartupException>(() => InstanceLock.Acquire(path));
        Assert.StartsWith($"[*] PID file error: {path}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", "must not be root")]
    [InlineData("nosuchuser-fwknop", "is not a user on this system")]
    public void The_listener_is_neither_root_nor_nobody_knows_who(string configured, string message)
    {
        StartupException error = Assert.Throws<StartupException>(() => ListenerIdentity.Find(configured));
        Assert.Contains($"LISTENER_USER '{configured}' {message}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>It reads packets; taken over, it would have the secret keys, which the decryptor is there to keep from it.</summary>
    [RootTheory("chown")]
    [InlineData(62_480u, true, true)]
    [InlineData(62_481u, true, false)]
    [InlineData(62_480u, false, false)]
    public void The_listener_owns_no_keyring(uint owner, bool isSeparated, bool isRefused)
    {
        const uint Listener = 62_480;
        string home = _folder.FilePath("gnupg");
        Directory.CreateDirectory(home);
        ProcessRun.RunChecked(new ProcessCommand("chown", $"{owner}", home));
        Exception? error = Record.Exception(() => PlanKeyring(home, isSeparated, Listener));
        Assert.Equal(isRefused ? typeof(StartupException) : null, error?.GetType());
        if (isRefused)
        {
            Assert.StartsWith($"[*] GPG_HOME_DIR '{home}' (stanza #1, ", error!.Message, StringComparison.Ordinal);
            Assert.Contains("belongs to the user of fwknopd-listener", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>gpg itself says that there is no secret key.</summary>
    [RootTheory("chown")]
    [InlineData(0x1c0, false)]
    [InlineData(0x140, true)]
    [InlineData(0x180, true)]
    public void A_keyring_that_its_owner_cannot_write_to_is_told(int mode, bool isTold)
    {
        string home = _folder.FilePath("gnupg");
        Directory.CreateDirectory(home);
        ProcessRun.RunChecked(new ProcessCommand("chown", "62481", home));
        File.SetUnixFileMode(home, (UnixFileMode)mode);

        PlanKeyring(home, isSeparated: true, listener: 62_480);

        string expected = $"): {home} cannot be written by its owner (user id 62481); gpg-agent has its socket there";
        Assert.Equal(isTold, _lines.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [RootFact("mount")]
    public void A_keyring_that_is_mounted_read_only_is_told() => SmallDisk.Run(folder =>
    {
        ProcessRun.RunChecked(new ProcessCommand("chown", "62481", folder));
        PlanKeyring(folder, isSeparated: true, listener: 62_480);
        Assert.DoesNotContain("gpg-agent", _lines.ToString(), StringComparison.Ordinal);

        ProcessRun.RunChecked(new ProcessCommand("mount", "-o", "remount,ro", folder));
        PlanKeyring(folder, isSeparated: true, listener: 62_480);
        Assert.Contains($"): {folder} is mounted read-only; gpg-agent has its socket there", _lines.ToString(), StringComparison.Ordinal);
    });

    [Fact]
    public void The_listener_is_the_user_that_is_configured()
    {
        UserAccount account = Accounts.FindUser("nobody")!;
        Assert.Equal(new ListenerIdentity(account.Uid, account.Gid), ListenerIdentity.Find("nobody"));
    }

    [Fact]
    public void The_listener_shares_its_user_with_nobody()
    {
        if (Accounts.FindUser("fwknop") is { } account)
        {
            Assert.Equal(new ListenerIdentity(account.Uid, account.Gid), ListenerIdentity.Find(null));
            return;
        }

        ListenerIdentity identity = ListenerIdentity.Find(null);
        Assert.InRange(identity.Uid, 62201u, 62400u);
        Assert.Equal(identity.Uid, identity.Gid);
        Assert.Null(Accounts.FindUser(identity.Uid));
    }

    [RootFact("setpriv", "cat")]
    public void The_listener_is_no_user_whose_processes_run()
    {
        if (Accounts.FindUser("fwknop") is not null)
        {
            return;
        }

        uint first = ListenerIdentity.Find(null).Uid;
        using RunningProcess process = RunningProcess.Start(
            new ProcessCommand("setpriv", $"--reuid={first}", $"--regid={first}", "--clear-groups", "sleep", "30"));
        Deadline.WaitUntil(
            () => ProcessTable.Status(process.Id, "Uid")?.StartsWith($"{first}", StringComparison.Ordinal) == true,
            TimeSpan.FromSeconds(5),
            "the process has changed its user");
        Assert.NotEqual(first, ListenerIdentity.Find(null).Uid);
    }

    [Fact]
    public void The_queue_gives_what_is_there_in_order()
    {
        using DaemonEvents events = new();
        DaemonEvent[] added = [new DaemonEvent.ReloadAsked(), new DaemonEvent.StopAsked("Got SIGTERM. Exiting..."), new DaemonEvent.ListenerFailed("x")];
        Array.ForEach(added, events.Add);
        Assert.Equal(added, events.Take(null));
        Assert.Empty(events.Take(TimeSpan.Zero));
    }

    [Fact]
    public void The_queue_wakes_who_waits()
    {
        using DaemonEvents events = new();
        using Timer timer = new(_ => events.Add(new DaemonEvent.ReloadAsked()), null, TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan);
        Assert.Single(events.Take(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void The_queue_holds_up_who_floods_it()
    {
        using DaemonEvents events = new();
        int added = 0;
        Thread flood = new(() =>
        {
            for (int i = 0; i < 3000; i++)
            {
                events.Add(new DaemonEvent.ReloadAsked());
                Interlocked.Increment(ref added);
            }
        });
        flood.Start();
        Deadline.WaitUntil(() => Volatile.Read(ref added) == 1024, TimeSpan.FromSeconds(5), "the queue is full");
        Assert.False(flood.Join(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(1024, Volatile.Read(ref added));

        int taken = 0;
        while (taken < 3000)
        {
            taken += events.Take(TimeSpan.FromSeconds(5)).Count;
        }

        Assert.True(flood.Join(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void An_event_for_a_daemon_that_has_stopped_is_dropped()
    {
        DaemonEvents events = new();
        events.Dispose();
        events.Add(new DaemonEvent.ReloadAsked());
    }

    private void PlanKeyring(string home, bool isSeparated, uint listener)
    {
        ServerConfig config = new()
        {
            SeparatesPrivileges = isSeparated,
            AccessFile = _folder.Write(
                "access.conf", $"SOURCE ANY\nGPG_HOME_DIR {home}\nGPG_EXE /bin/sh\nGPG_ALLOW_NO_PW Y\nGPG_REMOTE_ID 1234ABCD\nFW_ACCESS_TIMEOUT 3\n"),
        };
        using AccessPolicy policy = AccessFile.Load(config, NativeAccess.System).Value!;
        foreach (KeyringPlan plan in KeyringPlan.Make(policy, config, new ListenerIdentity(listener, listener), Log()))
        {
            plan.Dispose();
        }
    }

    private DaemonLog Log() => new(_lines, verbosity: 0);
}
