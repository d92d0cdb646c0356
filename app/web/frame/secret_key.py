"""The key that signs the CSRF tokens and the flashed messages; it guards no sign-in."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.host.files.atomic_file import FileUnreadable, clear_leftovers, name_beside, read

LENGTH = 32
_REMEDY = "It holds the key that signs the forms: remove it, and a new one is made, or let this user read it."


def load_secret_key(path: Path) -> bytes:
    """Return the key in `path`; make one, readable by its owner only, when there is none.

    Raises ValueError, which says what to do, where it cannot be used, and OSError where it cannot be made.
    """
    key = _read(path)
    if key is None:
        _make(path)
        key = _read(path)
    if key is None:
        raise ValueError(f"Cannot read {path}: it is a link that leads nowhere. {_REMEDY}")
    # Not earlier: what others are making at this moment they don't need once there is a key.
    clear_leftovers(path)
    return key


def _read(path: Path) -> bytes | None:
    try:
        key = read(path)
    except FileUnreadable as unreadable:
        raise ValueError(f"{unreadable} {_REMEDY}") from unreadable
    if key is not None and len(key) < LENGTH:
        raise ValueError(f"{path} holds {len(key)} bytes, {LENGTH} are needed: remove it, and a new one is made.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = name_beside(path)
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: of several processes starting at once the first one's key stands.
        with suppress(FileExistsError, FileNotFoundError):
            path.hardlink_to(own)
    finally:
        own.unlink(missing_ok=True)
