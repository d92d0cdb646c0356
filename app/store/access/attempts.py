"""How often passwords may be tried. Kept in the database, so that all workers count together.

A name is judged at most ten times a minute in all. Of these some are kept for browsers that have signed in
under that name before (they hold a device cookie) and some for places it has signed in from, so that nobody who
lacks both can use them up. A browser waits longer with each failure of its own. Who has no device cookie also
shares what one place may try: of one name three times a minute and from then on every 20 seconds, of all names
together ten times in five seconds; neither grows, so that no stranger behind the same proxy can draw the wait
out.

A try counts as a failure from before it is judged until it turns out to be right: tries at once cannot pass
together.
"""

import enum
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select
from sqlalchemy.sql import ColumnElement

from app.store.access.tokens import new_token, token_hash
from app.store.access.users import folded
from app.store.database.clock import SET_BACK, Clock, moment
from app.store.database.engine import Database
from app.store.tables.access import AttemptRecord
from app.store.tables.configuration import GlobalRecord


class Standing(enum.StrEnum):
    """What is known of who tries a name, from most to least."""

    DEVICE = "device"
    KNOWN_PLACE = "known place"
    STRANGER = "stranger"


MINUTE = timedelta(minutes=1)
NAME_FAILURES = 10
RESERVED: Mapping[Standing, int] = MappingProxyType(
    {Standing.DEVICE: 2, Standing.KNOWN_PLACE: 1, Standing.STRANGER: 3}
)
"""Of the failures of a name in a minute, those that nobody of another standing can use up."""
BACK_OFF_MAX_S = 60.0
PAIR_FREE = 3
PAIR_STEP = timedelta(seconds=20)
PLACE_FAILURES = 10
PLACE_WINDOW = timedelta(seconds=5)
FORGOTTEN_AFTER = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)
DEVICES_MAX = 20
"""How many browsers are remembered of a name; the one that has not signed in for the longest time is forgotten."""


class Throttled(Exception):
    """A name may not be tried at the moment."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.1f} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a try comes from. The words are secrets that a browser holds; of each only the hash is kept.

    `browser` tells browsers apart, `device` is from an earlier sign-in, `session` from one that is still valid.
    """

    remote: str
    browser: str = ""
    device: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A try that was let through, and counts as a failure."""

    id: int
    name_hash: str
    browser: str | None
    standing: Standing


class Attempts:
    """The sign-ins that were tried lately."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def wait_s(self, name: str, origin: Origin) -> float:
        """Return for how many seconds `name` may not be tried from there; 0: now it may."""
        with self._database.reading() as connection:
            return _Tried(connection, moment(self._now), name, origin).wait_s()

    def standing(self, name: str, origin: Origin) -> Standing:
        """Return what is known of who tries `name` from there."""
        with self._database.reading() as connection:
            return _known_as(connection, moment(self._now), _key(name), _place(origin.remote), origin)[1]

    def begin(self, name: str, origin: Origin) -> SignInAttempt:
        """Count a failure and return it, for `succeeded` to take back; raise Throttled where it may not be."""
        at = moment(self._now)
        # Looked at first: who is throttled keeps nobody from writing.
        if (wait_s := self.wait_s(name, origin)) > 0:
            raise Throttled(wait_s)
        with self._database.writing() as connection:
            # On a database that lets two write at once they come one after another here.
            connection.execute(select(GlobalRecord.id).with_for_update())
            tried = _Tried(connection, at, name, origin)
            wait_s = tried.wait_s()
            if wait_s > 0:
                raise Throttled(wait_s)
            _forget_old(connection, at)
            values = {
                "at": at,
                "name_hash": tried.key,
                "remote": tried.place,
                "browser": tried.browser,
                "standing": str(tried.standing),
                "has_succeeded": False,
            }
            attempt_id = connection.execute(
                insert(AttemptRecord).values(values).returning(AttemptRecord.id)
            ).scalar_one()
        return SignInAttempt(attempt_id, tried.key, tried.browser, tried.standing)

    def succeeded(self, attempt: SignInAttempt) -> None:
        """Take a failure back that was none, and those of the same browser before it."""
        own: ColumnElement[bool] = AttemptRecord.id == attempt.id
        if attempt.browser is not None:
            own |= AttemptRecord.browser == attempt.browser
        with self._database.writing() as connection:
            connection.execute(
                delete(AttemptRecord).where(
                    AttemptRecord.name_hash == attempt.name_hash, AttemptRecord.has_succeeded.is_(False), own
                )
            )

    def remember(self, name: str, origin: Origin) -> str:
        """Note that `name` has signed in from there; return what its browser shall keep to be known again."""
        at, key = moment(self._now), _key(name)
        with self._database.writing() as connection:
            is_kept = _is_known(connection, at, key, AttemptRecord.browser == token_hash(origin.device))
            device = origin.device if is_kept else new_token()
            mine = (AttemptRecord.name_hash == key, AttemptRecord.has_succeeded.is_(True))
            _forget_old(connection, at)
            connection.execute(delete(AttemptRecord).where(*mine, AttemptRecord.browser == token_hash(device)))
            latest = (
                select(AttemptRecord.id).where(*mine).order_by(AttemptRecord.at.desc(), AttemptRecord.id.desc())
            )
            kept = connection.execute(latest.limit(DEVICES_MAX - 1)).scalars().all()
            connection.execute(delete(AttemptRecord).where(*mine, AttemptRecord.id.not_in(kept)))
            connection.execute(
                insert(AttemptRecord).values(
                    at=at,
                    name_hash=key,
                    remote=_place(origin.remote),
                    browser=token_hash(device),
                    standing=str(Standing.DEVICE),
                    has_succeeded=True,
                )
            )
        return device

    def clear(self, name: str) -> None:
        """Forget the failures of a name; what is known of its browsers and places stays."""
        with self._database.writing() as connection:
            connection.execute(
                delete(AttemptRecord).where(
                    AttemptRecord.name_hash == _key(name), AttemptRecord.has_succeeded.is_(False)
                )
            )


class _Tried:
    """What was tried lately of one name, as it counts for one origin."""

    def __init__(self, connection: Connection, at: datetime, name: str, origin: Origin) -> None:
        self._at = at
        self.key = _key(name)
        self.place = _place(origin.remote)
        self.browser, self.standing = _known_as(connection, at, self.key, self.place, origin)
        failed = (AttemptRecord.has_succeeded.is_(False), AttemptRecord.standing != str(Standing.DEVICE))
        of_place = select(AttemptRecord.at).where(
            *failed, AttemptRecord.remote == self.place, *_within(PLACE_WINDOW, at)
        )
        newest = AttemptRecord.at.desc()
        self._of_place = connection.execute(of_place.order_by(newest).limit(PLACE_FAILURES)).scalars().all()
        # Some six hundred at most: ten a minute, for an hour.
        columns = (AttemptRecord.at, AttemptRecord.remote, AttemptRecord.browser, AttemptRecord.standing)
        of_name = select(*columns).where(
            AttemptRecord.name_hash == self.key,
            AttemptRecord.has_succeeded.is_(False),
            *_within(FORGOTTEN_AFTER, at),
        )
        self._of_name = connection.execute(of_name.order_by(newest)).all()

    def wait_s(self) -> float:
        until = [self._browser_may(), self._name_may()]
        if self.standing is not Standing.DEVICE:
            until += [self._pair_may(), self._place_may()]
        return max(0.0, *((moment - self._at).total_seconds() for moment in until))

    def _browser_may(self) -> datetime:
        """Return when the browser may try the name again: later with each failure."""
        own: list[datetime] = [row.at for row in self._of_name if self.browser and row.browser == self.browser]
        if not own:
            return self._at
        return own[0] + timedelta(seconds=min(BACK_OFF_MAX_S, 2.0 ** (min(len(own), 8) - 1)))

    def _pair_may(self) -> datetime:
        """Return when the name may be tried again from the place: a step that never grows."""
        recent: list[datetime] = [
            row.at for row in self._recent if row.remote == self.place and row.standing != str(Standing.DEVICE)
        ]
        return self._at if len(recent) < PAIR_FREE else recent[0] + PAIR_STEP

    def _place_may(self) -> datetime:
        """Return when anything may be tried again from the place."""
        if len(self._of_place) < PLACE_FAILURES:
            return self._at
        return self._of_place[-1] + PLACE_WINDOW

    def _name_may(self) -> datetime:
        """Return when somebody of this standing may try the name again, with what is kept for the others."""
        recent: list[tuple[datetime, str]] = [(row.at, row.standing) for row in self._recent]
        for kept in range(len(recent), 0, -1):
            used = Counter(standing for _, standing in recent[:kept])
            others = sum(
                max(used[str(standing)], count)
                for standing, count in RESERVED.items()
                if standing is not self.standing
            )
            if used[str(self.standing)] + others < NAME_FAILURES:
                return self._at if kept == len(recent) else recent[kept][0] + MINUTE
        return recent[0][0] + MINUTE if recent else self._at

    @property
    def _recent(self) -> Sequence[Any]:
        return [row for row in self._of_name if row.at > self._at - MINUTE]


def _known_as(
    connection: Connection, at: datetime, key: str, place: str, origin: Origin
) -> tuple[str | None, Standing]:
    """Return under which hash the browser of `origin` counts, and its standing."""
    if origin.session:
        return token_hash(origin.session), Standing.DEVICE
    if origin.device:
        device = token_hash(origin.device)
        if _is_known(connection, at, key, AttemptRecord.browser == device):
            return device, Standing.DEVICE
    browser = token_hash(origin.browser) if origin.browser else None
    is_known_place = _is_known(connection, at, key, AttemptRecord.remote == place)
    return browser, Standing.KNOWN_PLACE if is_known_place else Standing.STRANGER


def _is_known(connection: Connection, at: datetime, key: str, chosen: ColumnElement[bool]) -> bool:
    query = select(AttemptRecord.id).where(
        AttemptRecord.name_hash == key,
        chosen,
        AttemptRecord.has_succeeded.is_(True),
        *_within(KNOWN_FOR, at),
    )
    return connection.execute(query.limit(1)).first() is not None


def _forget_old(connection: Connection, at: datetime) -> None:
    for succeeded, age in ((False, FORGOTTEN_AFTER), (True, KNOWN_FOR)):
        connection.execute(
            delete(AttemptRecord).where(~and_(*_within(age, at)), AttemptRecord.has_succeeded.is_(succeeded))
        )


def _within(age: timedelta, at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what chooses the tries no older than `age`.

    Those of a time still to come are left out: the clock has been set back, and they would keep people waiting
    until that time.
    """
    return AttemptRecord.at > at - age, AttemptRecord.at <= at + SET_BACK


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
