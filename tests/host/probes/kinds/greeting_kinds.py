"""The kinds of check that wait for a greeting or send a request over TCP."""

from app.lvs.model.check_kinds import CheckKind

KINDS = (
    CheckKind.SMTP,
    CheckKind.IMAP,
    CheckKind.POP3,
    CheckKind.LDAP,
    CheckKind.MYSQL,
    CheckKind.POSTGRESQL,
    CheckKind.REDIS,
    CheckKind.GRPC,
)
