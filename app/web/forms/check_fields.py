"""The words of Check as MONITORING SCRIPTS offers them, and which boxes each of them needs. Tables only."""

from collections.abc import Container
from dataclasses import dataclass

from app.lvs.checks.keys import KEYS_OF, KIND_OF, SOME_KINDS
from app.lvs.model.config import VirtualServer
from app.lvs.model.values import CheckWord

_W = CheckWord

AS_PIRANHA = "as above, Piranha's way"

CHECK_GROUPS = (
    ("Whether it answers at all", (_W.TCP, _W.PING)),
    ("With the texts or the program above", (_W.SEND, _W.UDP, _W.PROGRAM)),
    ("Web", (_W.HTTP, _W.HTTPS, _W.GRPC)),
    ("Mail", (_W.SMTP, _W.IMAP, _W.POP3)),
    ("Databases and directories", (_W.MYSQL, _W.POSTGRESQL, _W.REDIS, _W.LDAP)),
    ("Names, time, sign-in, telephony", (_W.DNS, _W.NTP, _W.RADIUS, _W.SIP)),
    ("Nothing", (_W.NONE,)),
)

CHECK_LABELS = {
    _W.TCP: "tcp: takes a connection",
    _W.PING: "ping: its host answers",
    _W.SEND: "send: Send and Expect over TCP",
    _W.UDP: "udp: Send and Expect over UDP",
    _W.PROGRAM: "program: the Sending Program",
    _W.HTTP: "http: a page",
    _W.HTTPS: "https: a page over TLS",
    _W.GRPC: "grpc: its health service",
    _W.SMTP: "smtp",
    _W.IMAP: "imap",
    _W.POP3: "pop3",
    _W.MYSQL: "mysql (MariaDB)",
    _W.POSTGRESQL: "postgresql",
    _W.REDIS: "redis",
    _W.LDAP: "ldap",
    _W.DNS: "dns",
    _W.NTP: "ntp",
    _W.RADIUS: "radius",
    _W.SIP: "sip",
    _W.NONE: "none: not checked, counts as up",
}

EXPLAINED = (
    ("", "With Send and Expect or a Sending Program, exactly as Piranha did it."),
    (_W.TCP, "A server is well when it takes a connection; nothing is said over it."),
    (_W.PING, "The server's host answers an ICMP echo request. It says nothing of the service on it."),
    (_W.SEND, "Connects over TCP, sends Send if there is one, and what comes back has to match Expect."),
    (_W.UDP, "Sends Send in a UDP packet, and what comes back has to match Expect."),
    (_W.PROGRAM, "Runs the Sending Program; it has to end with status 0, and print Expect if that is set."),
    (_W.HTTP, "Asks for Path; the answer has one of Statuses, and holds Expect if that is set."),
    (_W.HTTPS, "Asks for Path over TLS; the answer has one of Statuses, and holds Expect if that is set."),
    (_W.GRPC, "Asks the standard health service of gRPC; it has to say SERVING."),
    (_W.SMTP, "The mail server greets, answers EHLO and is told goodbye; no mail is begun."),
    (_W.IMAP, "The mail server greets and is told goodbye; nobody logs in."),
    (_W.POP3, "The mail server greets and is told goodbye; nobody logs in."),
    (_W.MYSQL, "The database greets and takes up a login, whether or not its user exists."),
    (_W.POSTGRESQL, "The database takes up a connection, whether or not its user exists."),
    (_W.REDIS, "The server answers PING, after a login where User or Password are set."),
    (_W.LDAP, "The directory lets somebody bind, and reads one entry."),
    (_W.DNS, "Resolves Name asked for; Expect, if set, has to be in an answer."),
    (_W.NTP, "The time server answers, and knows the time itself."),
    (_W.RADIUS, "The server answers a question signed with Shared secret."),
    (_W.SIP, "The server answers OPTIONS, over the protocol of the service."),
    (_W.NONE, "The servers are not checked and count as up."),
)
"""What each word does, in a sentence; the boxes below say the rest."""

BOX_CHECKS = {
    key: tuple(word for word, kind in KIND_OF.items() if kind and key in KEYS_OF[kind])
    for key in sorted(SOME_KINDS - {"send", "expect", "use_regex", "send_program"})
}
# It always begins with TLS.
BOX_CHECKS["check_tls"] = tuple(word for word in BOX_CHECKS["check_tls"] if word is not CheckWord.HTTPS)
"""The checks each box beyond Piranha says something to; one that is not here says something to all."""


@dataclass(frozen=True, slots=True)
class BoxGroup:
    """Boxes that stand together under a heading; `names` are keywords."""

    title: str
    names: tuple[str, ...]

    @property
    def checks(self) -> str:
        """The words of the checks the group has a box for, with blanks between."""
        return " ".join(word for word in CheckWord if any(word in BOX_CHECKS[name] for name in self.names))

    def is_wrong(self, errors: Container[str]) -> bool:
        """Return whether a box of the group is among `errors`."""
        return any(name in errors for name in self.names)

    def is_set(self, block: VirtualServer, errors: Container[str]) -> bool:
        """Return whether `block` sets a key of the group, or one of them is among `errors`."""
        return self.is_wrong(errors) or any(getattr(block, name) is not None for name in self.names)


REQUEST_GROUPS = (
    BoxGroup("Request", ("check_path", "check_host", "check_status", "check_method", "check_headers")),
    BoxGroup("What is asked for", ("check_name", "check_type")),
    BoxGroup("Login", ("check_user", "check_password", "check_secret")),
    BoxGroup("TLS and certificate", ("check_tls", "check_verify", "check_certificate_days")),
)
ALWAYS_GROUPS = (
    BoxGroup("Where it goes", ("check_port", "check_source", "check_interface")),
    BoxGroup("How often, and how many", ("check_interval", "check_limit", "check_retry", "fall", "rise")),
    BoxGroup("More than one check", ("also_check", "check_need")),
)

VIRTUAL_GROUPS = (
    BoxGroup("Too few servers", ("quorum", "quorum_margin", "max_out", "tier_need", "sorry_port")),
    BoxGroup("Coming and going", ("slow_start", "damping")),
    BoxGroup("Slow servers", ("degraded_ms", "degraded_weight")),
    BoxGroup("Load agent", ("load_port", "load_step", "load_floor")),
)
