"""Receipts of what the server did, and what a restored server does not do for a while."""

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
    # Made here, and not when it is first needed: every backup from now on has it.
    keys = sa.table("server_key", sa.column("name", sa.String), sa.column("value", sa.LargeBinary))
    op.bulk_insert(keys, [{"name": "receipts", "value": secrets.token_bytes(32)}])
