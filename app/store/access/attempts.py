"""How often passwords may be tried. Kept in the database, so that all workers count together.

Three limits, none of which ever locks for good: the same name from the same place waits longer with each failure,
a place has 5 failures a minute, and a name has 10 a minute from everywhere. The last two spare a name where it has
signed in before, so that strangers cannot keep its owner out, not even from behind the same proxy.
"""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.sql import ColumnElement

from app.store.access.users import folded
from app.store.database.clock import Clock, moment
from app.store.database.engine import Database
from app.store.tables.access import AttemptRecord

BACK_OFF_MAX_S = 60.0
MINUTE = timedelta(minutes=1)
PLACE_FAILURES = 5
NAME_FAILURES = 10
FORGOTTEN_AFTER = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)


class Attempts:
    """The sign-ins that were tried lately."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def wait_s(self, name: str, remote: str) -> float:
        """Return for how many seconds `name` may not be tried from the address `remote`; 0: now it may."""
        at, key, place = moment(self._now), _key(name), _place(remote)
        mine = (AttemptRecord.name_hash == key, AttemptRecord.remote == place)
        with self._database.reading() as connection:
            waits = [_back_off_s(connection, at, *mine)]
            if not _is_known(connection, at, *mine):
                waits.append(_window_s(connection, at, PLACE_FAILURES, AttemptRecord.remote == place))
                waits.append(_window_s(connection, at, NAME_FAILURES, AttemptRecord.name_hash == key))
        return max(waits)

    def failed(self, name: str, remote: str) -> None:
        """Count a wrong password."""
        self._note(name, remote, has_succeeded=False)

    def succeeded(self, name: str, remote: str) -> None:
        """Forget the failures of that name from there, and remember the place as known."""
        self._note(name, remote, has_succeeded=True)

    def _note(self, name: str, remote: str, *, has_succeeded: bool) -> None:
        at, key, place = moment(self._now), _key(name), _place(remote)
        with self._database.writing() as connection:
            for succeeded, age in ((False, FORGOTTEN_AFTER), (True, KNOWN_FOR)):
                connection.execute(
                    delete(AttemptRecord).where(
                        AttemptRecord.at <= at - age, AttemptRecord.has_succeeded.is_(succeeded)
                    )
                )
            if has_succeeded:
                connection.execute(
                    delete(AttemptRecord).where(AttemptRecord.name_hash == key, AttemptRecord.remote == place)
                )
            connection.execute(
                insert(AttemptRecord).values(at=at, name_hash=key, remote=place, has_succeeded=has_succeeded)
            )


def _back_off_s(connection: Connection, at: datetime, *chosen: ColumnElement[bool]) -> float:
    times = _failures(connection, at, FORGOTTEN_AFTER, 8, *chosen)
    if not times:
        return 0.0
    pause = min(BACK_OFF_MAX_S, 2.0 ** (len(times) - 1))
    return max(0.0, pause - (at - times[0]).total_seconds())


def _window_s(connection: Connection, at: datetime, allowed: int, *chosen: ColumnElement[bool]) -> float:
    times = _failures(connection, at, MINUTE, allowed, *chosen)
    if len(times) < allowed:
        return 0.0
    return max(0.0, (times[-1] + MINUTE - at).total_seconds())


def _failures(
    connection: Connection, at: datetime, age: timedelta, limit: int, *chosen: ColumnElement[bool]
) -> list[datetime]:
    """Return the times of the latest failures, newest first."""
    query = select(AttemptRecord.at).where(
        *chosen, AttemptRecord.has_succeeded.is_(False), AttemptRecord.at > at - age
    )
    return list(connection.execute(query.order_by(AttemptRecord.at.desc()).limit(limit)).scalars())


def _is_known(connection: Connection, at: datetime, *chosen: ColumnElement[bool]) -> bool:
    query = select(AttemptRecord.id).where(
        *chosen, AttemptRecord.has_succeeded.is_(True), AttemptRecord.at > at - KNOWN_FOR
    )
    return connection.execute(query.limit(1)).first() is not None


def _key(name: str) -> str:
    return hashlib.sha256(folded(name).encode("utf-8", "surrogatepass")).hexdigest()


def _place(remote: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 network whose addresses one host may take."""
    try:
        address = ip_address(remote)
    except ValueError:
        return remote
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)
