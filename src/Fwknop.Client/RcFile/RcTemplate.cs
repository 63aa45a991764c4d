namespace Fwknop.Client;

/// <summary>What a new rc file contains (client.md 6.1): everything but <c>[default]</c> is a comment.</summary>
internal static class RcTemplate
{
    public static ReadOnlySpan<byte> Content => """
        # .fwknoprc
        #
        # This file contains the settings of the fwknop client.
        #
        # A name in square brackets begins a stanza. The stanza [default] holds
        # for every call; `fwknop -n <name>' adds the stanza of that name. A named
        # stanza beats [default], and the command line beats both.
        #
        # A line is a keyword, blanks and a value. Put the value in double quotes
        # when it has blanks, ';' or '#' in it. Lines that begin with '#' are
        # comments. Keep this file readable for yourself alone (mode 0600): it
        # may hold keys.

        [default]
        #DIGEST_TYPE         sha256
        #FW_TIMEOUT          30
        #SPA_SERVER_PORT     62201
        #SPA_SERVER_PROTO    udp
        #ALLOW_IP            <ip addr>
        #SPOOF_USER          <username>
        #SPOOF_SOURCE_IP     <ip addr>
        #TIME_OFFSET         0
        #USE_GPG             N
        #GPG_HOMEDIR         /path/to/.gnupg
        #GPG_EXE             /path/to/gpg
        #GPG_SIGNER          <signer ID>
        #GPG_RECIPIENT       <recipient ID>
        #NO_SAVE_ARGS        N

        # Access to SSH on a server, for the address that a web service sees; the keys
        # are those of the server's access.conf. `fwknop --setup <server>' makes them
        # and such a stanza. Instead of a key there may be KEY_CMD and HMAC_KEY_CMD,
        # each a program that prints it, such as a password manager:
        #
        #[myssh]
        #SPA_SERVER          192.168.1.20
        #ACCESS              tcp/22
        #ALLOW_IP            resolve
        #KEY_BASE64          <encryption key>
        #HMAC_KEY_BASE64     <HMAC key>
        #USE_HMAC            Y
        #
        # Port 8088 of a gateway leads to port 88 of a host behind it:
        #
        #[mynatreq]
        #SPA_SERVER          192.168.1.20
        #ACCESS              tcp/8088
        #ALLOW_IP            10.21.2.6
        #NAT_ACCESS          192.168.1.55,88
        #FW_TIMEOUT          60

        """u8;
}
