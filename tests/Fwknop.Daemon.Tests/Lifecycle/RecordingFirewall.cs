using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>Keeps what it is told, one word a call, and asks a question at every grant.</summary>
internal sealed class RecordingFirewall(Func<FirewallGrant, string>? atGrant = null) : IFirewall
{
    public List<string> Calls { get; } = [];

    public TimeSpan? NextDue { get; set; }

    public bool TearDownSucceeds { get; init; } = true;

    public string Description => "recording";

    public string Name => "recording";

    public IEnumerable<LiveGrant> Live { get; set; } = [];

    public string? RevokeError { get; init; }

    public string? PrepareError { get; init; }

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        Calls.Add($"Prepare {string.Join(' ', carried.Select(grant => grant.Key.SourceText))}".TrimEnd());
        if (PrepareError is not null)
        {
            throw new FirewallException(PrepareError);
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        Calls.Add("Grant " + string.Join(" ", batch.Select(grant =>
            $"{NetworkText.Of(grant.Source)}{(grant.Destination is { } to ? $">{to}" : "")}:{string.Join(',', grant.Ports)}/{grant.Duration.TotalSeconds}{atGrant?.Invoke(grant)}")));
        return [.. batch.Select(_ => GrantOutcome.Added)];
    }

    public int Expire(Moment now)
    {
        Calls.Add("Expire");
        NextDue = null;
        return 1;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        Calls.Add($"Revoke {string.Join(' ', keys.Select(key => $"{key.SourceText}:{key.Ports}"))}");
        Live = RevokeError is null ? [.. Live.Where(grant => !keys.Contains(grant.Key))] : Live;
        return RevokeError;
    }

    public bool TearDown()
    {
        Calls.Add("TearDown");
        return TearDownSucceeds;
    }

    public bool Abandon()
    {
        Calls.Add("Abandon");
        return true;
    }

    public void GiveWay(IFirewall successor) => Calls.Add("GiveWay");

    public bool Flush()
    {
        Calls.Add("Flush");
        return true;
    }

    public void List(TextWriter output, bool all) => Calls.Add("List");

    public void Dispose() => Calls.Add("Dispose");
}
