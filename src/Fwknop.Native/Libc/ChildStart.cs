namespace Fwknop.Native.Libc;

/// <summary>What a child is started with; all else of ours it does not get.</summary>
/// <param name="Path">The program; PATH is not searched.</param>
/// <param name="Arguments">The words behind its name.</param>
/// <param name="Environment">All of its environment, as <c>NAME=value</c>.</param>
public sealed record ChildStart(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>True: its standard input, output and error are pipes of ours. False: they are /dev/null.</summary>
    public bool HasPipes { get; init; }

    /// <summary>Descriptors that it gets, the first as number <see cref="ChildProgram.FirstLent"/>.</summary>
    public IReadOnlyList<Descriptor> Lent { get; init; } = [];
}
