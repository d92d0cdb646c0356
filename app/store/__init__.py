"""The database: configuration, history, users, audit. May import app.lvs."""

from app.store.api_tokens import ApiToken, Scope, TokenRefused
from app.store.edit import Edit, Gone
from app.store.failures import StoreBusy, StoreFailed
from app.store.history import Change, Revision, RevisionHead
from app.store.kinds import Kind
from app.store.migration import migrate
from app.store.partners import Offer, Partner
from app.store.passwords import PasswordRefused, TooManyLogins
from app.store.sessions import Session
from app.store.setup_tokens import SetupRefused
from app.store.snapshot import ServerRow, Snapshot, VirtualRow
from app.store.store import Store, open_store
from app.store.users import NameRefused, User

__all__ = [
    "ApiToken",
    "Change",
    "Edit",
    "Gone",
    "Kind",
    "NameRefused",
    "Offer",
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
    "TokenRefused",
    "TooManyLogins",
    "User",
    "VirtualRow",
    "migrate",
    "open_store",
]
