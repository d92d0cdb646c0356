"""The keywords of how real servers are checked if not as Piranha did it. For ``virtual`` blocks."""

from app.lvs.model.check_kinds import CheckKind, kinds_reading
from app.lvs.model.keyword import Keyword, ValueKind

_KINDS = "; ".join(kind.row.label for kind in CheckKind)
_TLS_KINDS = ", ".join(kinds_reading("check_tls"))
_NAMES = "; ".join(f"{kind}: {kind.row.name_is}" for kind in kinds_reading("check_name"))

# fmt: off: a table is read by its rows
CHECK_KEYWORDS = (
    Keyword(
        name="check",
        kind=ValueKind.CHOICE,
        label="Check",
        choices=CheckKind,
        piranha=False,
        help="How the real servers are checked. Blank: with Send and Expect or a Sending Program, as in Piranha. "
        f"{_KINDS}.",
    ),
    Keyword(
        name="check_path",
        kind=ValueKind.QUOTED,
        label="Path",
        default="/",
        piranha=False,
        help="Path to request with http and https, such as /health.",
    ),
    Keyword(
        name="check_host",
        kind=ValueKind.QUOTED,
        label="Host",
        piranha=False,
        help="Host header with http and https, and the server name sent with TLS. Blank: the server's address.",
    ),
    Keyword(
        name="check_status",
        kind=ValueKind.QUOTED,
        label="Status codes",
        default="200-399",
        piranha=False,
        help="HTTP status codes that count as healthy with http and https: numbers and ranges, such as "
        "200-299,401. Redirects are not followed.",
    ),
    Keyword(
        name="check_method",
        kind=ValueKind.QUOTED,
        label="Method",
        default="GET",
        piranha=False,
        help="HTTP method with http and https, such as HEAD.",
    ),
    Keyword(
        name="check_headers",
        kind=ValueKind.QUOTED,
        label="Headers",
        piranha=False,
        help="Additional request headers with http and https: Name: value, separated by \\r\\n.",
    ),
    Keyword(
        name="check_tls",
        kind=ValueKind.BOOLEAN,
        label="Use TLS",
        default=False,
        piranha=False,
        help=f"Start the connection with TLS (not STARTTLS), for {_TLS_KINDS}. https always does.",
    ),
    Keyword(
        name="check_verify",
        kind=ValueKind.BOOLEAN,
        label="Verify the certificate",
        default=False,
        piranha=False,
        help="With TLS: the certificate must be valid for Host and issued by an authority this machine trusts, "
        "and TLS must be up to date. Otherwise any version and cipher this machine can speak is accepted.",
    ),
    Keyword(
        name="check_certificate_days",
        kind=ValueKind.INTEGER,
        label="Certificate days",
        unit="days",
        low=1,
        high=3650,
        piranha=False,
        help="With TLS: fail if the certificate expires in fewer days than this. Blank: not checked.",
    ),
    Keyword(
        name="check_name",
        kind=ValueKind.QUOTED,
        label="Requested name",
        piranha=False,
        help=f"What to ask the server for. {_NAMES}.",
    ),
    Keyword(
        name="check_type",
        kind=ValueKind.TEXT,
        label="Record type",
        default="A",
        piranha=False,
        help="dns: record type to query, such as A, AAAA, SOA or MX. A record in the answer must contain Expect, "
        "if set.",
    ),
    Keyword(
        name="check_user",
        kind=ValueKind.QUOTED,
        label="User",
        piranha=False,
        help="http, https: user for basic authentication. redis, ldap, radius: user to log in as; for a Redis "
        "server that has only a password, default. Blank: no login.",
    ),
    Keyword(
        name="check_password",
        kind=ValueKind.QUOTED,
        label="Password",
        piranha=False,
        help="Password of User. It is stored in lvs.cf in plain text: use an account without other privileges.",
    ),
    Keyword(
        name="check_secret",
        kind=ValueKind.QUOTED,
        label="Shared secret",
        piranha=False,
        help="radius: the secret that the server shares with this director. It is stored in lvs.cf in plain text.",
    ),
    Keyword(
        name="check_port",
        kind=ValueKind.INTEGER,
        label="Check port",
        low=1,
        high=65535,
        piranha=False,
        help="Port to check. Blank: the port that receives client traffic. Additional checks use their own port, "
        "or the one that receives client traffic.",
    ),
    Keyword(
        name="check_source",
        kind=ValueKind.ADDRESS,
        label="Check source",
        piranha=False,
        help="Source address of checks, an address of this director. Blank: chosen by the kernel.",
    ),
    Keyword(
        name="check_interface",
        kind=ValueKind.TEXT,
        label="Check interface",
        piranha=False,
        help="Interface through which checks are sent. Blank: chosen by the kernel.",
    ),
    Keyword(
        name="check_interval",
        kind=ValueKind.INTEGER,
        label="Check interval",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="Time between checks of a server. Blank: Service timeout.",
    ),
    Keyword(
        name="check_limit",
        kind=ValueKind.INTEGER,
        label="Check timeout",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="How long one check may take. Blank: Service timeout.",
    ),
    Keyword(
        name="check_retry",
        kind=ValueKind.INTEGER,
        label="Retry after",
        unit="seconds",
        low=1,
        high=86400,
        piranha=False,
        help="Time to the next check after a failure, while the server is still in rotation. Blank: Check "
        "interval.",
    ),
    Keyword(
        name="also_check",
        kind=ValueKind.QUOTED,
        label="Also check",
        piranha=False,
        help="Additional checks of each server, separated by ;. Each is a kind of Check followed by its settings, "
        "named as these keys without check_, or send, expect, regex or program. Example: "
        "http path=/ready port=8080; smtp. A value with blanks must be in single quotes. A setting that is left "
        "out is blank, except source, interface, interval, limit and retry, which are inherited from the first "
        "check.",
    ),
    Keyword(
        name="check_need",
        kind=ValueKind.TEXT,
        label="Checks needed",
        default="all",
        piranha=False,
        help="How many of a server's checks must pass: all, any, or a number.",
    ),
    Keyword(
        name="rise",
        kind=ValueKind.INTEGER,
        label="Passes to come back",
        piranha=False,
        low=1,
        high=1000,
        help="Consecutive checks a failed server must pass before it is brought back into rotation. Replaces the "
        "Re-entry Time.",
    ),
    Keyword(
        name="fall",
        kind=ValueKind.INTEGER,
        label="Failures to go down",
        default=1,
        piranha=False,
        low=1,
        high=1000,
        help="Consecutive checks a server must fail before it is taken out of rotation. Blank: 1.",
    ),
)
# fmt: on
