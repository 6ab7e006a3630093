"""Idle accounts: when an account was last used, and when it expires."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # The default applies only until the update below.
    seen_at = sa.Column("seen_at", sa.DateTime, nullable=False, server_default="1970-01-01 00:00:00")
    op.add_column("account", seen_at)
    op.add_column("account", sa.Column("expires_at", sa.DateTime))
    account = sa.table("account", *map(sa.column, ("id", "created_at", "seen_at")))
    device = sa.table("device", *map(sa.column, ("account", "seen_at")))
    last = sa.select(sa.func.max(device.c.seen_at)).where(device.c.account == account.c.id).scalar_subquery()
    op.execute(account.update().values(seen_at=sa.func.coalesce(last, account.c.created_at)))
    op.create_index("account_created", "account", ["created_at"])
    op.create_index("account_seen", "account", ["seen_at"])
