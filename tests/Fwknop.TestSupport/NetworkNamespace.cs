using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Fwknop.TestSupport;

/// <summary>
/// A network namespace with a unique name, gone (with every process in it) when disposed or when the tests end.
/// Firewalls and traffic of the tests exist only in such namespaces.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string Prefix = "fwknop-test";

    private static readonly ConcurrentDictionary<string, NetworkNamespace> Open = new();
    private static int _last;

    static NetworkNamespace()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (NetworkNamespace space in Open.Values)
            {
                space.Dispose();
            }
        };
        RemoveThoseOfDeadTestRuns();
    }

    private NetworkNamespace(string name)
    {
        Name = name;
    }

    public string Name { get; }

    /// <summary>Makes a namespace with its loopback interface up and no duplicate address detection.</summary>
    public static NetworkNamespace Create(string role)
    {
        var space = new NetworkNamespace($"{Prefix}-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}-{role}");
        Ip("netns", "add", space.Name);
        Open[space.Name] = space;
        space.SetNetworkOption("ipv6/conf/all/accept_dad", 0);
        space.SetNetworkOption("ipv6/conf/default/accept_dad", 0);
        Ip("-n", space.Name, "link", "set", "lo", "up");
        return space;
    }

    /// <summary>Runs a program inside, to its end.</summary>
    public ProcessRun Run(string program, params IReadOnlyList<string> arguments) =>
        ProcessRun.Run(new ProcessCommand(program, arguments) { Namespace = this });

    /// <summary>The same for steps that must succeed.</summary>
    public ProcessRun RunChecked(string program, params IReadOnlyList<string> arguments) =>
        ProcessRun.RunChecked(new ProcessCommand(program, arguments) { Namespace = this });

    /// <summary>Starts a program inside.</summary>
    public RunningProcess Start(string program, params IReadOnlyList<string> arguments) =>
        RunningProcess.Start(new ProcessCommand(program, arguments) { Namespace = this });

    /// <summary>
    /// Runs code inside, on a thread of its own (a namespace belongs to a thread). Sockets made there stay in the namespace wherever
    /// they are used later. The code must not await.
    /// </summary>
    public T Inside<T>(Func<T> code)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = code();
            }
#pragma warning disable CA1031 // handed to the caller's thread, whatever it is
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { Name = Name };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    public void Inside(Action code) => Inside(() =>
    {
        code();
        return true;
    });

    /// <summary>Writes /proc/sys/net/PATH of the namespace.</summary>
    public void SetNetworkOption(string path, int value) =>
        Inside(() => File.WriteAllText($"/proc/sys/net/{path}", value.ToString(CultureInfo.InvariantCulture)));

    public void Dispose()
    {
        if (Open.TryRemove(Name, out _))
        {
            Remove(Name);
        }
    }

    public override string ToString() => Name;

    /// <summary>ip(8), which must succeed.</summary>
    public static void Ip(params IReadOnlyList<string> arguments) => ProcessRun.RunChecked(new ProcessCommand("ip", arguments));

    private static void Remove(string name)
    {
        foreach (string word in ProcessRun.Run("ip", "netns", "pids", name).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            LibC.Kill(int.Parse(word, CultureInfo.InvariantCulture), (int)Signal.Kill);
        }

        Ip("netns", "delete", name);
    }

    /// <summary>A test run that was killed could not clean up; the names tell whose they were.</summary>
    private static void RemoveThoseOfDeadTestRuns()
    {
        const string Folder = "/run/netns";

        if (!LibC.IsRoot || !Directory.Exists(Folder))
        {
            return;
        }

        foreach (string name in Directory.GetFiles(Folder, Prefix + "-*").Select(path => Path.GetFileName(path)))
        {
            string owner = name[(Prefix.Length + 1)..].Split('-')[0];
            if (int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out int processId) && !ProcessTable.Exists(processId))
            {
                Remove(name);
            }
        }
    }

    private void Enter()
    {
        using var handle = File.OpenHandle($"/run/netns/{Name}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        LibC.EnterNetworkNamespace(handle);
    }
}
