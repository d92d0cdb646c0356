"""The first tables: the configuration, its history, and who may change it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Make the tables, and the one row of an empty configuration."""
    make_configuration()
    make_history()
    make_access()


def make_configuration() -> None:
    """Make the tables of what lvs.cf says now."""
    settings = op.create_table(
        "global_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("serial_no", sa.Integer(), nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=False),
        sa.Column("changed_serial", sa.Integer(), nullable=False),
        sa.Column("stored_serial", sa.Integer(), nullable=False),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("layout", DOCUMENT, nullable=True),
    )
    first = {"id": 1, "serial_no": 0, "next_id": 1, "changed_serial": 0, "stored_serial": 0, "settings": {}}
    op.bulk_insert(settings, [first])
    op.create_table(
        "virtual_servers",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        *block_columns(),
    )
    op.create_index("ix_virtual_servers_stored_serial", "virtual_servers", ["stored_serial"])
    op.create_table(
        "real_servers",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("virtual_id", sa.Integer(), sa.ForeignKey("virtual_servers.id"), nullable=False),
        *block_columns(),
    )
    op.create_index("ix_real_servers_stored_serial", "real_servers", ["stored_serial"])
    op.create_index("ix_real_servers_virtual_id", "real_servers", ["virtual_id"])
    op.create_table(
        "failover_blocks",
        sa.Column("position", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("layout", DOCUMENT, nullable=True),
        sa.Column("servers", sa.JSON(), nullable=False),
    )


def block_columns() -> tuple[sa.Column[object], ...]:
    """Return the columns that virtual and real servers share."""
    return (
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("changed_serial", sa.Integer(), nullable=False),
        sa.Column("stored_serial", sa.Integer(), nullable=False),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("layout", DOCUMENT, nullable=True),
    )


def make_history() -> None:
    """Make the tables of what lvs.cf said before, and who changed it."""
    op.create_table(
        "revisions",
        sa.Column("serial_no", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("serial_no", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("after", DOCUMENT, nullable=True),
    )
    op.create_index("ix_audit_serial_no", "audit", ["serial_no"])
    op.create_index("ix_audit_kind_object_id", "audit", ["kind", "object_id"])


def make_access() -> None:
    """Make the tables of who may sign in, who is signed in, and who tried."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False, unique=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password_set_at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "setup_tokens",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("issued_at", MOMENT, nullable=False),
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("has_succeeded", sa.Boolean(), nullable=False),
    )
    for column in ("at", "name_hash", "remote"):
        op.create_index(f"ix_login_attempts_{column}", "login_attempts", [column])
