"""The tables of the second router: its identity, its configuration, and what a revision was made from."""

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.configuration import Record


class LineageRecord(Record):
    """What a revision, ours or our partner's, was made from: `parents` are "SERIAL FINGERPRINT", line by line."""

    __tablename__ = "lineage"

    serial_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    parents: Mapped[str] = mapped_column(Text)


class PartnerRecord(Record):
    """The one row (id 1) of the router we are paired with; `certificate` is the only one we believe, in DER."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    port: Mapped[int]
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    paired_at: Mapped[datetime]


class OfferRecord(Record):
    """The one row (id 1) of our partner's configuration while neither is newer; `data` is compressed by zlib."""

    __tablename__ = "partner_offer"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial_no: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DeviceNameRecord(Record):
    """This router's own name of an interface, where the shared configuration has another. Never sent."""

    __tablename__ = "device_names"

    shared: Mapped[str] = mapped_column(String(15), primary_key=True)
    own: Mapped[str] = mapped_column(String(15), unique=True)
