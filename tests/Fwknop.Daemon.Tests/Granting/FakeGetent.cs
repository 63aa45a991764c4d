using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Granting;

/// <summary>A stand-in for getent that answers what it is told to.</summary>
internal sealed class FakeGetent : StandInProgram
{
    private const string Work = """
        while [ -e hold ]; do sleep 0.05; done
        [ -e "$1 $2" ] || return 2
        cat "$1 $2"
        """;

    public FakeGetent()
        : base("getent", Work)
    {
    }

    /// <summary>Prints this when it is asked so: <c>ahostsv4 inner.example</c>.</summary>
    public void Answer(string question, string output) => Write(question, output);

    /// <summary>From now on it waits.</summary>
    public void Hold() => Write("hold", "");

    /// <summary>Until now.</summary>
    public void LetGo() => File.Delete(Path.Combine(Path.GetDirectoryName(Executable)!, "hold"));
}
