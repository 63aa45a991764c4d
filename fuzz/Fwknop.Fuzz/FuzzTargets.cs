using Fwknop.Fuzz.Targets;

namespace Fwknop.Fuzz;

/// <summary>Every parser that hostile or foreign bytes reach.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("frame", "link, IP and transport headers of a captured frame", FrameTarget.Corpus, FrameTarget.Check),
        new("http", "a payload before authentication, bare or as an HTTP request", ScreenTarget.Corpus, ScreenTarget.Check),
        new("packet", "a packet's HMAC, encryption and fields, from one who has no key", PacketTarget.Corpus, PacketTarget.Check),
        new("message", "what the listener sends to the daemon", MessageTarget.Corpus, MessageTarget.Check),
        new("digest", "a line of digest.cache", DigestLineTarget.Corpus, DigestLineTarget.Check),
        new("access", "access.conf", ConfigurationTargets.AccessCorpus, ConfigurationTargets.CheckAccess),
        new("include", "access.conf that includes others", IncludeTargets.IncludeCorpus, IncludeTargets.CheckIncludes),
        new("userkeys", "a file of %include_keys", IncludeTargets.KeysCorpus, IncludeTargets.CheckKeys),
        new("config", "fwknopd.conf", ConfigurationTargets.ServerCorpus, ConfigurationTargets.CheckServer),
        new("rc", "the client's rc file and what is saved in it", ClientTargets.RcCorpus, ClientTargets.CheckRc),
        new("words", "a kept command line", ClientTargets.WordsCorpus, ClientTargets.CheckWords),
        new("keyfile", "a key file", ClientTargets.KeyFileCorpus, ClientTargets.CheckKeyFile),
        new("reply", "what a resolver answers", ClientTargets.ReplyCorpus, ClientTargets.CheckReply),
        new("gpgstatus", "gpg's status output", GpgTargets.StatusCorpus, GpgTargets.CheckStatus),
        new("gpglist", "gpg's list of keys", GpgTargets.ListingCorpus, GpgTargets.CheckListing),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
