"""Pairings, with which a new device joins an account."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "pairing",
        sa.Column("id_hash", sa.LargeBinary, primary_key=True),
        sa.Column("account", sa.LargeBinary, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("offer", sa.LargeBinary),
        sa.Column("claim_hash", sa.LargeBinary),
        sa.Column("request", sa.LargeBinary),
        sa.Column("reveal", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("outcome", sa.String),
    )
    op.create_index("pairing_account", "pairing", ["account"])
    op.create_index("pairing_expiry", "pairing", ["expires_at"])
