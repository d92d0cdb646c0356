"""The router we are paired with, and its configuration while neither of the two is the newer one."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from app.lvs.pair.interface_names import DeviceNames
from app.lvs.pair.lineage import LineageLink, RevisionId
from app.store.database.clock import Clock, moment
from app.store.database.engine import Database
from app.store.history.history import COMPRESSION
from app.store.history.interface_names import read_device_names, write_device_names
from app.store.history.lineage import read_descent, read_head
from app.store.tables.partners import OfferRecord, PartnerRecord

_ONLY = 1


@dataclass(frozen=True, slots=True)
class Partner:
    """The other router: where it listens, and the one certificate it is known by, in DER."""

    name: str
    address: str
    port: int
    certificate: bytes = field(repr=False)
    paired_at: datetime


@dataclass(frozen=True, slots=True)
class PairingOffer:
    """The partner's configuration that does not descend from ours, nor ours from it."""

    version: RevisionId
    at: datetime
    author: str
    summary: str
    data: bytes = field(repr=False)


class Partners:
    """At most one router is the partner."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def find(self) -> Partner | None:
        """Return the partner; None: this router has none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    PartnerRecord.name,
                    PartnerRecord.address,
                    PartnerRecord.port,
                    PartnerRecord.certificate,
                    PartnerRecord.paired_at,
                )
            ).one_or_none()
        return None if row is None else Partner(*row)

    def pair(self, name: str, address: str, port: int, certificate: bytes) -> Partner:
        """Make this router the partner, in the place of one there may be."""
        partner = Partner(name, address, port, certificate, moment(self._now))
        with self._database.writing() as connection:
            _forget(connection)
            values = {"name": name, "address": address, "port": port, "certificate": certificate}
            connection.execute(insert(PartnerRecord).values(id=_ONLY, paired_at=partner.paired_at, **values))
        return partner

    def unpair(self) -> None:
        """Remove the partner. What was received from it stays in the history."""
        with self._database.writing() as connection:
            _forget(connection)

    def head(self) -> RevisionId:
        """Return the version of the configuration that is stored."""
        with self._database.reading() as connection:
            return read_head(connection)

    def descent(self, newer: RevisionId, older: RevisionId) -> list[LineageLink] | None:
        """Return how `newer` comes from `older`, newest first; None: it does not, as far as is known here."""
        with self._database.reading() as connection:
            return read_descent(connection, newer, older)

    def offer(self) -> PairingOffer | None:
        """Return the partner's configuration that waits for a choice; None: there is none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    OfferRecord.serial_no,
                    OfferRecord.fingerprint,
                    OfferRecord.at,
                    OfferRecord.author,
                    OfferRecord.summary,
                    OfferRecord.data,
                )
            ).one_or_none()
        if row is None:
            return None
        version = RevisionId(row.serial_no, row.fingerprint)
        return PairingOffer(version, row.at, row.author, row.summary, zlib.decompress(row.data))

    def offer_version(self) -> RevisionId | None:
        """Return the identity of what `offer` returns."""
        with self._database.reading() as connection:
            row = connection.execute(select(OfferRecord.serial_no, OfferRecord.fingerprint)).one_or_none()
        return None if row is None else RevisionId(*row)

    def keep_offer(self, offer: PairingOffer) -> None:
        """Keep what the partner has, in the place of what it had before."""
        with self._database.writing() as connection:
            connection.execute(delete(OfferRecord))
            connection.execute(
                insert(OfferRecord).values(
                    id=_ONLY,
                    serial_no=offer.version.serial_no,
                    fingerprint=offer.version.fingerprint,
                    at=offer.at,
                    author=offer.author,
                    summary=offer.summary,
                    data=zlib.compress(offer.data, COMPRESSION),
                )
            )

    def drop_offer(self) -> None:
        """Forget the partner's configuration: there is nothing left to choose."""
        with self._database.writing() as connection:
            connection.execute(delete(OfferRecord))

    def device_names(self) -> DeviceNames:
        """Return this router's own names of its interfaces."""
        with self._database.reading() as connection:
            return read_device_names(connection)

    def set_device_names(self, names: DeviceNames, written: bytes, before: bytes) -> None:
        """Set the names; `written` is the last lvs.cf under them, `before` what stands in the file now."""
        with self._database.writing() as connection:
            write_device_names(connection, names, written, before)


def _forget(connection: Connection) -> None:
    connection.execute(delete(PartnerRecord))
    connection.execute(delete(OfferRecord))
