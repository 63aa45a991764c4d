namespace Fwknop.Daemon.Enforcement;

/// <summary>Lines about rules in chains.</summary>
/// <param name="rules">The rules of a grant, and the chains that they are in.</param>
internal sealed class ChainLines(Func<GrantKey, IEnumerable<(string Name, string Chain)>> rules) : IRuleLines
{
    public IEnumerable<(string Text, string Chain)> Opened(FirewallGrant request, GrantKey key, long epoch, bool isNew)
    {
        foreach ((string name, string chain) in rules(key))
        {
            string what = isNew ? $"Added {name} rule to" : $"Extended {name} rule in";
            yield return ($"{what} {chain} for {request.Description}, expires at {epoch}", chain);
        }
    }

    public (string Text, string Chain) Failed(FirewallGrant request)
    {
        (string name, string chain) = rules(request.Keys.First()).First();
        return ($"Could not add {name} rule to {chain} for {request.Description}", chain);
    }
}
