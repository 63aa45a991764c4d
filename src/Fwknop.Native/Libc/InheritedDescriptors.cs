using System.Globalization;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// The descriptors that this process was started with, but for the standard three. The programs that it starts do not get them, except
/// while they are lent; those that this process was given for itself, which may hold keys, not even then. Not for several threads.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class InheritedDescriptors
{
    private const int FirstAfterStandard = 3;

    // Our choice, where no list is to be had: far more than shells hand over.
    private const int LastGuess = 1023;

    private readonly HashSet<int> _all;
    private readonly HashSet<int> _lendable;

    private InheritedDescriptors(HashSet<int> all)
    {
        _all = all;
        _lendable = [.. all];
        MarkAll(isInherited: false);
    }

    /// <summary>Takes them all; to be called before any program is started.</summary>
    public static InheritedDescriptors Take()
    {
        HashSet<int> all = [];
        foreach (int number in Candidates())
        {
            if (number >= FirstAfterStandard && Descriptor.IsInherited(number))
            {
                all.Add(number);
            }
        }

        return new InheritedDescriptors(all);
    }

    /// <summary>True for one that this process was started with.</summary>
    public bool Contains(int number) => _all.Contains(number);

    /// <summary>From now on this one is not lent any more.</summary>
    public void Withhold(int number) => _lendable.Remove(number);

    /// <summary>Programs started before the result is disposed of get them.</summary>
    public IDisposable Lend()
    {
        MarkAll(isInherited: true);
        return new Loan(this);
    }

    private static List<int> Candidates()
    {
        const string folder = "/proc/self/fd";
        List<int> numbers = [];
        if (!Directory.Exists(folder))
        {
            for (int number = FirstAfterStandard; number <= LastGuess; number++)
            {
                numbers.Add(number);
            }

            return numbers;
        }

        foreach (string path in Directory.GetFileSystemEntries(folder))
        {
            numbers.Add(int.Parse(path.AsSpan(folder.Length + 1), CultureInfo.InvariantCulture));
        }

        return numbers;
    }

    private void MarkAll(bool isInherited)
    {
        foreach (int number in _lendable)
        {
            Descriptor.TrySetInherited(number, isInherited);
        }
    }

    private sealed class Loan(InheritedDescriptors lender) : IDisposable
    {
        public void Dispose() => lender.MarkAll(isInherited: false);
    }
}
