"""Receipts, and the guard period after a restore."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("account", sa.Column("guarded_until", sa.DateTime))
    op.add_column("account", sa.Column("proven_epoch", sa.Integer, nullable=False, server_default="0"))
    op.add_column("account", sa.Column("proven_id", sa.LargeBinary))
    op.add_column("account", sa.Column("proven_secret_hash", sa.LargeBinary))
    op.add_column("device", sa.Column("restored", sa.Boolean, nullable=False, server_default=sa.false()))
    # Created here, not at first use, so that every later backup contains it.
    keys = sa.table("server_key", sa.column("name", sa.String), sa.column("value", sa.LargeBinary))
    op.bulk_insert(keys, [{"name": "receipts", "value": secrets.token_bytes(32)}])
