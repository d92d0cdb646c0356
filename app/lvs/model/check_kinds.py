"""The one table of health checks: a row for each word of lvs.cf's ``check``.

Parser, rules, form, stylesheet, help and the registry of probes all follow from these rows; the probe of a kind is
the file of the same name in `app/host/probes/kinds`.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


class CheckGroup(enum.Enum):
    """The headings under which the pages offer the kinds of checks, in order."""

    REACHABILITY = "Reachability"
    EXCHANGE = "Using the texts or the program above"
    WEB = "Web"
    MAIL = "Mail"
    DATABASE = "Databases and directories"
    INFRASTRUCTURE = "DNS, time, authentication, telephony"
    OFF = "No check"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One kind of check.

    `word` is its name in lvs.cf, `label` its text in the list on the page, and `sentence` says what it does;
    `group` is None if ``check`` cannot name it. `keys` are the keys it reads in addition to those that every check
    reads (port, source and schedule); `required` are those of them that must be set, each with what it is, and
    `name_is` says what ``check_name`` means to it. `report_name` is its name in messages and reports if that is
    not the word. `variant_of` is the member whose probe runs it, if not its own. `has_port` is False if it runs a
    program or a host. `is_always_tls`: it uses TLS without ``check_tls``. `is_run` False: it has no probe.
    """

    word: str
    label: str
    sentence: str
    group: CheckGroup | None = None
    keys: frozenset[str] = frozenset()
    required: Mapping[str, str] = field(default_factory=dict)
    name_is: str = ""
    report_name: str = ""
    variant_of: str = ""
    has_port: bool = True
    is_always_tls: bool = False
    is_run: bool = True


class ProbeKind(enum.StrEnum):
    """How a target is checked; the value is the name of the probe's file."""

    _value_: str
    row: CheckRow

    def __new__(cls, row: CheckRow) -> Self:
        """Make a member whose value is the word of `row`."""
        member = str.__new__(cls, row.word)
        member._value_ = row.word
        member.row = row
        return member

    @property
    def report_name(self) -> str:
        """Its name in messages and reports."""
        return self.row.report_name or self.value


TLS_KEYS = frozenset({"check_host", "check_verify", "check_certificate_days"})
"""The keys only TLS reads; HTTP also uses the host without it."""
_TLS = TLS_KEYS | {"check_tls"}
_LOGIN = frozenset({"check_user", "check_password"})
_NAME = frozenset({"check_name"})
_ANSWER = frozenset({"expect", "use_regex"})
_TEXTS = _ANSWER | {"send"}
_HTTP = frozenset({"check_path", "check_status", "check_method", "check_headers"}) | _TLS | _LOGIN | _ANSWER


class CheckKind(ProbeKind):
    """The words of lvs.cf's ``check``, in the order in which the pages offer them."""

    TCP = CheckRow(
        word="tcp",
        group=CheckGroup.REACHABILITY,
        label="tcp: accepts a connection",
        sentence="The server is healthy if it accepts a connection; no data is sent.",
    )
    PING = CheckRow(
        word="ping",
        group=CheckGroup.REACHABILITY,
        label="ping: the host answers",
        sentence="The server's host must answer an ICMP echo request. This says nothing about the service.",
        has_port=False,
    )
    SEND = CheckRow(
        word="send",
        group=CheckGroup.EXCHANGE,
        label="send: Send and Expect over TCP",
        sentence="Connects over TCP, sends Send if it is set, and matches the reply against Expect.",
        report_name="send and expect",
        keys=_TEXTS,
    )
    UDP = CheckRow(
        word="udp",
        group=CheckGroup.EXCHANGE,
        label="udp: Send and Expect over UDP",
        sentence="Sends Send in a UDP packet and matches the reply against Expect.",
        keys=_TEXTS,
    )
    PROGRAM = CheckRow(
        word="program",
        group=CheckGroup.EXCHANGE,
        label="program: the Sending Program",
        sentence="Runs the Sending Program, which must exit with status 0 and, if Expect is set, print it.",
        keys=frozenset({"send_program", "expect"}),
        required={"send_program": "the name of a program in the check directory"},
        has_port=False,
    )
    HTTP = CheckRow(
        word="http",
        group=CheckGroup.WEB,
        label="http: a page",
        sentence="Requests Path. The response must have one of the Status codes and contain Expect, if set.",
        keys=_HTTP,
    )
    HTTPS = CheckRow(
        word="https",
        group=CheckGroup.WEB,
        label="https: a page over TLS",
        sentence="Requests Path over TLS. The response must have one of the Status codes and contain Expect, "
        "if set.",
        keys=_HTTP,
        variant_of="HTTP",
        is_always_tls=True,
    )
    GRPC = CheckRow(
        word="grpc",
        group=CheckGroup.WEB,
        label="grpc: the health service",
        sentence="Calls the standard gRPC health service, which must report SERVING.",
        keys=_TLS | _NAME,
        name_is="the service (blank: the server as a whole)",
    )
    SMTP = CheckRow(
        word="smtp",
        group=CheckGroup.MAIL,
        label="smtp",
        sentence="The mail server must send its greeting and answer EHLO. No mail is sent.",
        keys=_TLS,
    )
    IMAP = CheckRow(
        word="imap",
        group=CheckGroup.MAIL,
        label="imap",
        sentence="The mail server must send its greeting and answer LOGOUT. The check does not log in.",
        keys=_TLS,
    )
    POP3 = CheckRow(
        word="pop3",
        group=CheckGroup.MAIL,
        label="pop3",
        sentence="The mail server must send its greeting. The check does not log in.",
        keys=_TLS,
    )
    MYSQL = CheckRow(
        word="mysql",
        group=CheckGroup.DATABASE,
        label="mysql (MariaDB)",
        sentence="The database must send its greeting and process a login, whether or not the user exists.",
        keys=_NAME,
        name_is="the user to log in as, without a password (blank: palometa)",
    )
    POSTGRESQL = CheckRow(
        word="postgresql",
        group=CheckGroup.DATABASE,
        label="postgresql",
        sentence="The database must process a connection request, whether or not the user exists.",
        keys=_NAME,
        name_is="the user to connect as, without a password (blank: palometa)",
    )
    REDIS = CheckRow(
        word="redis",
        group=CheckGroup.DATABASE,
        label="redis",
        sentence="The server must answer PING, after a login if User or Password is set.",
        keys=_TLS | _LOGIN,
    )
    LDAP = CheckRow(
        word="ldap",
        group=CheckGroup.DATABASE,
        label="ldap",
        sentence="The directory must accept a bind, anonymous unless User is set, and return one entry.",
        keys=_TLS | _LOGIN | _NAME,
        name_is="the entry to read (blank: the root)",
    )
    DNS = CheckRow(
        word="dns",
        group=CheckGroup.INFRASTRUCTURE,
        label="dns",
        sentence="Resolves Requested name. If Expect is set, a record in the answer must contain it.",
        keys=_NAME | _ANSWER | {"check_type"},
        required={"check_name": "the name to resolve, such as www.example.com"},
        name_is="the name to resolve",
    )
    NTP = CheckRow(
        word="ntp",
        group=CheckGroup.INFRASTRUCTURE,
        label="ntp",
        sentence="The time server must answer, and its clock must be synchronized.",
    )
    RADIUS = CheckRow(
        word="radius",
        group=CheckGroup.INFRASTRUCTURE,
        label="radius",
        sentence="The server must answer a request signed with Shared secret.",
        keys=_LOGIN | {"check_secret"},
        required={"check_secret": "the secret that the server shares with this director"},
    )
    SIP = CheckRow(
        word="sip",
        group=CheckGroup.INFRASTRUCTURE,
        label="sip",
        sentence="The server must answer OPTIONS, sent over UDP.",
        keys=_NAME,
        name_is="the user",
    )
    NONE = CheckRow(
        word="none",
        group=CheckGroup.OFF,
        label="none: not checked, counts as up",
        sentence="The servers are not checked and count as up.",
        is_run=False,
    )

    @property
    def run_as(self) -> "CheckKind | None":
        """The kind whose probe it is, with other settings perhaps; None: nothing is run."""
        return CheckKind[self.row.variant_of or self.name] if self.row.is_run else None


class LoadKind(ProbeKind):
    """What asks a real server for its load; lvs.cf names it with ``load_monitor``, not with ``check``."""

    AGENT = CheckRow(
        word="agent",
        label="agent: the load agent",
        sentence="Reads the line of a load agent.",
    )


KEYS_OF_SOME = frozenset().union(*(kind.row.keys for kind in CheckKind))
"""The keys that some kinds read and others do not."""


def kinds_reading(key: str) -> tuple[CheckKind, ...]:
    """Return the kinds that read `key`; one that always uses TLS has no use for ``check_tls``."""
    return tuple(
        kind for kind in CheckKind if key in kind.row.keys and not (key == "check_tls" and kind.row.is_always_tls)
    )
