"""This router's own names of its interfaces, as they are kept. They are not part of any revision."""

import hashlib

from sqlalchemy import Connection, delete, func, insert, select, update

from app.lvs.pair.interface_names import DeviceNames
from app.store.tables.configuration import RevisionRecord
from app.store.tables.partners import DeviceNameRecord


def read_device_names(connection: Connection) -> DeviceNames:
    """Return the names that are set."""
    query = select(DeviceNameRecord.shared, DeviceNameRecord.own).order_by(DeviceNameRecord.shared)
    return DeviceNames({row.shared: row.own for row in connection.execute(query)})


def write_device_names(connection: Connection, names: DeviceNames, written: bytes, before: bytes) -> None:
    """Set the names; `written` is the last revision's lvs.cf under them, `before` what stands in the file now.

    The file is written after the transaction: until then it is known as the one of before, and late.
    """
    connection.execute(delete(DeviceNameRecord))
    if names.own:
        connection.execute(
            insert(DeviceNameRecord), [{"shared": shared, "own": own} for shared, own in names.own.items()]
        )
    last = select(func.max(RevisionRecord.serial_no)).scalar_subquery()
    connection.execute(
        update(RevisionRecord)
        .where(RevisionRecord.serial_no == last)
        .values(
            written_before=hashlib.sha256(before).hexdigest(),
            written_sha256=hashlib.sha256(written).hexdigest(),
        )
    )
