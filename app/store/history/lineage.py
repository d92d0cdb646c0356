"""What every known revision was made from, ours and our partner's; which of two is newer is read from it."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from app.lvs.pair.lineage import NOTHING, LineageLink, RevisionId, descent
from app.store.tables.configuration import RevisionRecord
from app.store.tables.partners import LineageRecord


def read_head(connection: Connection) -> RevisionId:
    """Return the version of the configuration that is stored."""
    query = select(RevisionRecord.serial_no, RevisionRecord.sha256).order_by(RevisionRecord.serial_no.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return NOTHING if row is None else RevisionId(row.serial_no, row.sha256)


def read_descent(
    connection: Connection, newer: RevisionId, older: RevisionId, more: Iterable[LineageLink] = ()
) -> list[LineageLink] | None:
    """Return how `newer` comes from `older`, newest first; None: it does not, as far as is known.

    `more` is known beside what is stored.
    """
    rows = connection.execute(
        select(LineageRecord.serial_no, LineageRecord.fingerprint, LineageRecord.parents).where(
            LineageRecord.serial_no > older.serial_no, LineageRecord.serial_no <= newer.serial_no
        )
    )
    known = {link.version: link.parents for link in more}
    known |= {RevisionId(row.serial_no, row.fingerprint): _parents(row.parents) for row in rows}
    return descent(newer, older, known.get)


def record_links(connection: Connection, links: Iterable[LineageLink]) -> None:
    """Remember what these revisions were made from; what is known already stays as it is."""
    values = {
        (link.version.serial_no, link.version.fingerprint): "\n".join(
            f"{parent.serial_no} {parent.fingerprint}" for parent in link.parents
        )
        for link in links
    }
    if not values:
        return
    serials = [serial_no for serial_no, _ in values]
    known = connection.execute(
        select(LineageRecord.serial_no, LineageRecord.fingerprint).where(
            LineageRecord.serial_no.between(min(serials), max(serials))
        )
    )
    for row in known:
        values.pop((row.serial_no, row.fingerprint), None)
    if values:
        rows = [
            {"serial_no": serial_no, "fingerprint": fingerprint, "parents": parents}
            for (serial_no, fingerprint), parents in values.items()
        ]
        connection.execute(insert(LineageRecord), rows)


def _parents(text: str) -> tuple[RevisionId, ...]:
    words = (line.split(" ") for line in text.splitlines())
    return tuple(RevisionId(int(serial_no), fingerprint) for serial_no, fingerprint in words)
