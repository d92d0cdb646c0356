"""What can go wrong with the database, in words that tell the reader what to do.

The one place that reads the driver's errors. Knows no tables.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

BUSY_CODES = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
BUSY_STATES = frozenset({"55P03", "40001", "40P01"})
"""PostgreSQL: lock not available, serialization failure, deadlock."""

FULL_STATE = "53100"

NOTHING = "Nothing was changed."

SENTENCES = {
    "SQLITE_FULL": (
        f"The disk is full: the database {{place}} cannot grow. {NOTHING} Free some space on that "
        "file system and try again."
    ),
    "SQLITE_READONLY": (
        f"The database {{place}} is not writable. {NOTHING} The file and its directory must belong to the user "
        "that palometa runs as, and the file system must not be mounted read-only."
    ),
    "SQLITE_NOTADB": (
        f"{{place}} is not an SQLite database. {NOTHING} Set PALOMETA_DATABASE_URL to "
        "palometa's database, or restore a backup."
    ),
    "SQLITE_CORRUPT": (
        f"The database {{place}} is damaged. {NOTHING} Stop palometa, keep a copy of the file, and restore a "
        "backup; lvs.cf can be imported into a new database."
    ),
    "SQLITE_CANTOPEN": (
        f"The database {{place}} cannot be opened. {NOTHING} Its directory must exist, and the user that palometa "
        "runs as must be allowed to read and write the file and the directory."
    ),
    "SQLITE_IOERR": (
        f"A disk error occurred while reading or writing the database {{place}}. {NOTHING} Check the kernel log "
        "(dmesg) for disk errors, and check whether the disk is full."
    ),
}
NO_TABLES = (
    "The database {place} is missing tables that palometa requires ({detail}). Stop palometa and start it with "
    "'make run', which brings the database up to date."
)
OTHER = f"The database {{place}} reported an error: {{detail}}. {NOTHING} Fix the cause and try again."


class StoreBusy(Exception):
    """Another process held the database for too long; nothing was changed, and a retry may succeed."""


class StoreFailed(Exception):
    """The database cannot be used; the message says why and what to do. Nothing was changed."""


@contextmanager
def explained(place: str, *, is_reading: bool = False) -> Iterator[None]:
    """Turn the driver's errors within the block into StoreBusy and StoreFailed.

    `place` is how messages name the database. IntegrityError passes: its cause is in the caller. `is_reading`: the
    block only reads, so that a value that is none, such as a date in month 13, was stored as one or damaged since.
    """
    try:
        yield
    except IntegrityError:
        raise
    except PoolTimeout as error:
        raise StoreBusy(_busy(place)) from error
    except DBAPIError as error:
        raise _failure(place, error.orig) from error
    except sqlite3.Error as error:
        raise _failure(place, error) from error
    except ValueError as error:
        # A text or document that cannot be read, even in the driver's own message, is damage in any case.
        if not is_reading and not isinstance(error, UnicodeDecodeError | JSONDecodeError):
            raise
        raise StoreFailed(SENTENCES["SQLITE_CORRUPT"].format(place=place)) from error


def _failure(place: str, error: BaseException | None) -> StoreBusy | StoreFailed:
    detail = " ".join(str(error).split())
    name = str(getattr(error, "sqlite_errorname", ""))
    state = str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
    primary = "_".join(name.split("_")[:2])
    if primary in BUSY_CODES or state in BUSY_STATES:
        return StoreBusy(_busy(place))
    if state == FULL_STATE:
        primary = "SQLITE_FULL"
    if detail.startswith(("no such table", "no such column")) or state in ("42P01", "42703"):
        return StoreFailed(NO_TABLES.format(place=place, detail=detail))
    return StoreFailed(SENTENCES.get(primary, OTHER).format(place=place, detail=detail))


def _busy(place: str) -> str:
    return (
        f"The database {place} is busy: another change or a backup has locked it. {NOTHING} Wait a moment and try "
        "again; if the problem persists, look for a program that keeps the database locked."
    )
