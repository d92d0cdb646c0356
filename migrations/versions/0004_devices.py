"""Which browser a sign-in was tried from, and what was known of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; places that a name has signed in from stay known, no browser is."""
    op.add_column("login_attempts", sa.Column("browser", sa.String(64), nullable=True))
    op.add_column(
        "login_attempts", sa.Column("standing", sa.String(16), nullable=False, server_default="stranger")
    )
