using System.Globalization;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.Libc;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string PidFile => _folder.FilePath("fwknopd.pid");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_free_file_is_made_private_and_locked()
    {
        Assert.Equal(LockOutcome.Acquired, FileLock.TryAcquire(PidFile, out var held, out _, out _));
        using (held)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PidFile));
        }
    }

    [Fact]
    public void The_pid_replaces_whatever_was_in_the_file()
    {
        File.WriteAllText(PidFile, "1234567 and more\n");
        FileLock.TryAcquire(PidFile, out var held, out _, out _);

        Assert.True(held!.TryWritePid(42, out _));
        held.Dispose();

        Assert.Equal("42\n", File.ReadAllText(PidFile));
    }

    /// <summary>Python's lockf is the C library's, which the reference daemon uses.</summary>
    [RootFact("python3")]
    public void A_lock_of_another_process_is_seen_with_its_pid()
    {
        using var holder = RunningProcess.Start(new ProcessCommand(
            "python3", "-c", "import fcntl,sys,time\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB)\nprint('locked',flush=True)\ntime.sleep(60)", PidFile));
        holder.WaitForLine("locked");

        Assert.Equal(LockOutcome.HeldElsewhere, FileLock.TryAcquire(PidFile, out var held, out var pid, out _));
        Assert.Null(held);
        Assert.Equal(holder.Id, pid);
        Assert.True(FileLock.IsHeld(PidFile, out pid, out _));
        Assert.Equal(holder.Id, pid);

        holder.Send(Signal.Kill);
        holder.WaitForExit();
        Assert.False(FileLock.IsHeld(PidFile, out _, out var error));
        Assert.Equal(Errno.None, error);
        Assert.Equal(LockOutcome.Acquired, FileLock.TryAcquire(PidFile, out held, out _, out _));
        held!.Dispose();
    }

    [RootFact("python3")]
    public void Another_process_cannot_take_our_lock_until_we_let_go()
    {
        FileLock.TryAcquire(PidFile, out var held, out _, out _);
        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), WhoHolds());

        held!.Dispose();
        Assert.Equal("", WhoHolds());
    }

    [Fact]
    public void A_file_that_does_not_exist_is_not_locked()
    {
        Assert.False(FileLock.IsHeld(PidFile, out var holder, out var error));
        Assert.Equal((0, Errno.None), (holder, error));
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public void A_path_that_cannot_be_opened_is_an_error()
    {
        Assert.Equal(LockOutcome.Failed, FileLock.TryAcquire(_folder.FilePath("no/such"), out var held, out _, out var error));
        Assert.Null(held);
        Assert.Equal("No such file or directory", error.Text);
    }

    /// <summary>The pid of whoever holds the lock as another process sees it; empty when nobody does.</summary>
    private string WhoHolds() => ProcessRun.RunChecked(new ProcessCommand(
        "python3",
        "-c",
        "import fcntl,struct,sys\nf=open(sys.argv[1],'r+')\nr=fcntl.fcntl(f,fcntl.F_GETLK,struct.pack('hhqqi',fcntl.F_WRLCK,0,0,0,0))\n"
        + "t,_,_,_,p=struct.unpack('hhqqi',r)\nprint(p if t!=fcntl.F_UNLCK else '')",
        PidFile)).Output;
}
