"""The database: configuration, history, users, audit. May import app.lvs."""

from app.store.access.api_tokens import ApiToken, Scope, TokenRefused
from app.store.access.attempts import Origin, Throttled
from app.store.access.passwords import TooManyLogins
from app.store.access.sessions import Session
from app.store.access.setup_tokens import SetupRefused
from app.store.access.users import NameRefused, User
from app.store.access.weak_passwords import PasswordRefused
from app.store.config.edit import Edit
from app.store.config.snapshot import Gone, ServerRow, Snapshot, VirtualRow
from app.store.database.engine import sqlite_file
from app.store.database.failures import StoreBusy, StoreFailed
from app.store.history.history import AuditedChange, Revision, RevisionHead
from app.store.history.partners import PairingOffer, Partner
from app.store.migration import migrate
from app.store.store import Store, open_store
from app.store.tables.audit import ObjectKind

__all__ = [
    "ApiToken",
    "AuditedChange",
    "Edit",
    "Gone",
    "NameRefused",
    "ObjectKind",
    "Origin",
    "PairingOffer",
    "Partner",
    "PasswordRefused",
    "Revision",
    "RevisionHead",
    "Scope",
    "ServerRow",
    "Session",
    "SetupRefused",
    "Snapshot",
    "Store",
    "StoreBusy",
    "StoreFailed",
    "Throttled",
    "TokenRefused",
    "TooManyLogins",
    "User",
    "VirtualRow",
    "migrate",
    "open_store",
    "sqlite_file",
]
