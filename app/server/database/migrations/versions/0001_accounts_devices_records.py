"""Accounts, their devices and their records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("rev", sa.BigInteger, nullable=False),
        sa.Column("oldest_cursor", sa.BigInteger, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("box_bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "device",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
    )
    op.create_index("device_token", "device", ["account", "token_hash"], unique=True)
    op.create_table(
        "record",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("rev", sa.BigInteger, nullable=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
    )
    op.create_index("record_rev", "record", ["account", "rev"], unique=True)
