"""The tables of the second router, and what each revision was made from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; every revision there is was made from the one before it."""
    op.add_column("revisions", sa.Column("written_sha256", sa.String(64), nullable=True))
    op.add_column("revisions", sa.Column("written_before", sa.String(64), nullable=True))
    lineage = op.create_table(
        "lineage",
        sa.Column("serial_no", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("parents", sa.Text(), nullable=False),
    )
    revisions = sa.table("revisions", sa.column("serial_no", sa.Integer), sa.column("sha256", sa.String))
    query = sa.select(revisions.c.serial_no, revisions.c.sha256).order_by(revisions.c.serial_no)
    rows = []
    parents = ""
    for serial_no, sha256 in op.get_bind().execute(query):
        rows.append({"serial_no": serial_no, "fingerprint": sha256, "parents": parents})
        parents = f"{serial_no} {sha256}"
    op.bulk_insert(lineage, rows)
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("paired_at", MOMENT, nullable=False),
    )
    op.create_table(
        "partner_offer",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("serial_no", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "device_names",
        sa.Column("shared", sa.String(15), primary_key=True),
        sa.Column("own", sa.String(15), nullable=False, unique=True),
    )
