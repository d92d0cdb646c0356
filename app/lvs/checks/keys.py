"""Which keys of a virtual server say something to which kind of check. Tables only."""

from collections.abc import Mapping

from app.lvs.checks.check import CheckKind
from app.lvs.model.values import CheckWord

KIND_OF: Mapping[CheckWord, CheckKind | None] = {
    CheckWord.TCP: CheckKind.TCP,
    CheckWord.SEND: CheckKind.SEND_EXPECT,
    CheckWord.UDP: CheckKind.UDP,
    CheckWord.PROGRAM: CheckKind.PROGRAM,
    CheckWord.HTTP: CheckKind.HTTP,
    CheckWord.HTTPS: CheckKind.HTTP,
    CheckWord.PING: CheckKind.PING,
    CheckWord.DNS: CheckKind.DNS,
    CheckWord.SMTP: CheckKind.SMTP,
    CheckWord.IMAP: CheckKind.IMAP,
    CheckWord.POP3: CheckKind.POP3,
    CheckWord.LDAP: CheckKind.LDAP,
    CheckWord.MYSQL: CheckKind.MYSQL,
    CheckWord.POSTGRESQL: CheckKind.POSTGRESQL,
    CheckWord.REDIS: CheckKind.REDIS,
    CheckWord.RADIUS: CheckKind.RADIUS,
    CheckWord.SIP: CheckKind.SIP,
    CheckWord.NTP: CheckKind.NTP,
    CheckWord.GRPC: CheckKind.GRPC,
    CheckWord.NONE: None,
}

WITHOUT_PORT = frozenset({CheckKind.PROGRAM, CheckKind.PING})

TLS_KEYS = frozenset({"check_host", "check_verify", "check_certificate_days"})
"""What only TLS looks at; HTTP asks for the host without it, too."""
_TLS = TLS_KEYS | {"check_tls"}
_LOGIN = frozenset({"check_user", "check_password"})
_NAME = frozenset({"check_name"})
_TEXTS = frozenset({"send", "expect", "use_regex"})
_ANSWER = frozenset({"expect", "use_regex"})
_PAGE = frozenset({"check_path", "check_status", "check_method", "check_headers"})

KEYS_OF: Mapping[CheckKind, frozenset[str]] = {
    CheckKind.TCP: frozenset(),
    CheckKind.SEND_EXPECT: _TEXTS,
    CheckKind.UDP: _TEXTS,
    CheckKind.PROGRAM: frozenset({"send_program", "expect"}),
    CheckKind.HTTP: _PAGE | _TLS | _LOGIN | _ANSWER,
    CheckKind.PING: frozenset(),
    CheckKind.DNS: _NAME | _ANSWER | {"check_type"},
    CheckKind.SMTP: _TLS,
    CheckKind.IMAP: _TLS,
    CheckKind.POP3: _TLS,
    CheckKind.LDAP: _TLS | _LOGIN | _NAME,
    CheckKind.MYSQL: _NAME,
    CheckKind.POSTGRESQL: _NAME,
    CheckKind.REDIS: _TLS | _LOGIN,
    CheckKind.RADIUS: _LOGIN | {"check_secret"},
    CheckKind.SIP: _NAME,
    CheckKind.NTP: frozenset(),
    CheckKind.GRPC: _TLS | _NAME,
}
"""The keys each kind looks at, besides those of where a check goes and how often, which all do."""

SOME_KINDS = frozenset().union(*KEYS_OF.values())
"""The keys that not every kind looks at."""
