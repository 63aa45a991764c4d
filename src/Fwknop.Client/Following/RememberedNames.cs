using System.Net;

namespace Fwknop.Client;

/// <summary>Gives the answer of the first time again, so that the port is looked for where the packet went.</summary>
internal sealed class RememberedNames(INameLookup names) : INameLookup
{
    private readonly Dictionary<string, IReadOnlyList<IPAddress>> _found = [];

    public IReadOnlyList<IPAddress> Find(string name, out string? problem)
    {
        if (_found.TryGetValue(name, out IReadOnlyList<IPAddress>? known))
        {
            problem = null;
            return known;
        }

        IReadOnlyList<IPAddress> addresses = names.Find(name, out problem);
        if (problem is null)
        {
            _found[name] = addresses;
        }

        return addresses;
    }

    /// <summary>The next question is asked anew: a server's address may change in the long run.</summary>
    public void Forget() => _found.Clear();
}
