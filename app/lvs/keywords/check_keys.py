"""The keywords of how real servers are checked where it is not Piranha's way. For ``virtual`` blocks."""

from app.lvs.model.keyword import Keyword, ValueKind
from app.lvs.model.values import CheckWord

# fmt: off: a table is read by its rows
CHECK_KEYWORDS = (
    Keyword(
        name="check",
        kind=ValueKind.CHOICE,
        label="Check",
        choices=CheckWord,
        piranha=False,
        help="How the servers are checked. Blank: with Send and Expect or a Sending Program, as in Piranha. "
        "tcp: they take a connection. send, udp, program: Send and Expect over TCP or UDP, or the Sending "
        "Program. http, https: they answer with one of Statuses, and with Expect in it if that is set. ping: "
        "their host answers. dns, smtp, imap, pop3, ldap, mysql, postgresql, redis, radius, sip, ntp, grpc: they "
        "speak that protocol. none: they count as up.",
    ),
    Keyword(
        name="check_path",
        kind=ValueKind.QUOTED,
        label="Path",
        default="/",
        piranha=False,
        help="What is asked for with http and https, such as /health.",
    ),
    Keyword(
        name="check_host",
        kind=ValueKind.QUOTED,
        label="Host",
        piranha=False,
        help="Name sent with http and https, and the name TLS asks for. Blank: the server's address.",
    ),
    Keyword(
        name="check_status",
        kind=ValueKind.QUOTED,
        label="Statuses",
        default="200-399",
        piranha=False,
        help="Statuses that are well with http and https: numbers and ranges, such as 200-299,401. A redirect is "
        "not followed.",
    ),
    Keyword(
        name="check_method",
        kind=ValueKind.QUOTED,
        label="Method",
        default="GET",
        piranha=False,
        help="Method of the request with http and https, such as HEAD.",
    ),
    Keyword(
        name="check_headers",
        kind=ValueKind.QUOTED,
        label="Headers",
        piranha=False,
        help="More lines of the request with http and https: Name: value, with \\r\\n between two.",
    ),
    Keyword(
        name="check_tls",
        kind=ValueKind.BOOLEAN,
        label="Over TLS",
        default=False,
        piranha=False,
        help="smtp, imap, pop3, ldap, redis and grpc: the connection begins with TLS. https always does.",
    ),
    Keyword(
        name="check_verify",
        kind=ValueKind.BOOLEAN,
        label="Verify the certificate",
        default=False,
        piranha=False,
        help="With TLS: the certificate has to be valid for Host, by this machine's authorities.",
    ),
    Keyword(
        name="check_certificate_days",
        kind=ValueKind.INTEGER,
        label="Certificate days",
        unit="days",
        low=1,
        high=3650,
        piranha=False,
        help="With TLS: fail while the certificate is valid for fewer days than this. Blank: not looked at.",
    ),
    Keyword(
        name="check_name",
        kind=ValueKind.QUOTED,
        label="Name asked for",
        piranha=False,
        help="dns: the name that is resolved. ldap: the entry that is read (blank: the root). sip: the user. "
        "grpc: the service (blank: the server as a whole). mysql, postgresql: the user named to the server, "
        "without a password (blank: palometa).",
    ),
    Keyword(
        name="check_type",
        kind=ValueKind.TEXT,
        label="Record type",
        default="A",
        piranha=False,
        help="dns: type of the record asked for, such as A, AAAA, SOA, MX. Expect, if set, has to be in an "
        "answer.",
    ),
    Keyword(
        name="check_user",
        kind=ValueKind.QUOTED,
        label="User",
        piranha=False,
        help="http, https: user of basic authentication. redis, ldap, radius: the user who logs in. "
        "Blank: nobody. default: redis with a password only.",
    ),
    Keyword(
        name="check_password",
        kind=ValueKind.QUOTED,
        label="Password",
        piranha=False,
        help="Password of User. It stands in lvs.cf as it is: take a user who may do nothing else.",
    ),
    Keyword(
        name="check_secret",
        kind=ValueKind.QUOTED,
        label="Shared secret",
        piranha=False,
        help="radius: the secret the server shares with this director. It stands in lvs.cf as it is.",
    ),
    Keyword(
        name="check_port",
        kind=ValueKind.INTEGER,
        label="Check port",
        low=1,
        high=65535,
        piranha=False,
        help="Port that is checked. Blank: the one clients' packets reach. Additional checks have their own, "
        "or else that one.",
    ),
    Keyword(
        name="check_source",
        kind=ValueKind.ADDRESS,
        label="Check from",
        piranha=False,
        help="Address of this director that checks come from. Blank: the one the kernel chooses.",
    ),
    Keyword(
        name="check_interface",
        kind=ValueKind.TEXT,
        label="Check through",
        piranha=False,
        help="Interface that checks leave through. Blank: the one the kernel chooses.",
    ),
    Keyword(
        name="check_interval",
        kind=ValueKind.INTEGER,
        label="Check interval",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="Time between two checks of a server. Blank: Service timeout.",
    ),
    Keyword(
        name="check_limit",
        kind=ValueKind.INTEGER,
        label="Check time-out",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="Limit for the answer. Blank: Service timeout.",
    ),
    Keyword(
        name="check_retry",
        kind=ValueKind.INTEGER,
        label="Retry after",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="Time to the next check after one that failed, while the server is still in. Blank: as always.",
    ),
    Keyword(
        name="also_check",
        kind=ValueKind.QUOTED,
        label="Also check",
        piranha=False,
        help="More checks of each server, with ; between two: a word of Check, then its settings by the names of "
        "these keys without check_, such as: http path=/ready port=8080; smtp. A value with blanks stands in "
        "single quotes. Besides: send, expect, regex, program. What one does not say is as if its key were blank; "
        "only source, interface, interval, limit and retry are then those of the first check.",
    ),
    Keyword(
        name="check_need",
        kind=ValueKind.TEXT,
        label="Checks needed",
        default="all",
        piranha=False,
        help="How many of several checks have to be well: all, any, or a number.",
    ),
    Keyword(
        name="rise",
        kind=ValueKind.INTEGER,
        label="Checks to return",
        piranha=False,
        low=1,
        high=1000,
        help="Checks in a row a failed server must pass before it is taken back, instead of answering for the "
        "Re-entry Time.",
    ),
    Keyword(
        name="fall",
        kind=ValueKind.INTEGER,
        label="Failures to leave",
        default=1,
        piranha=False,
        low=1,
        high=1000,
        help="Checks in a row a server must fail before it is taken out. Blank: one.",
    ),
)
# fmt: on
