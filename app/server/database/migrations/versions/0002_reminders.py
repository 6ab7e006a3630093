"""Push subscriptions, reminders and their pending deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("account", sa.Column("plan_rev", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "subscription",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("p256dh", sa.LargeBinary, nullable=False),
        sa.Column("auth", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "reminder",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("group", sa.String, nullable=False),
        sa.Column("fire_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("urgency", sa.String, nullable=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
        sa.Column("rung", sa.Boolean, nullable=False),
    )
    op.create_index("reminder_due", "reminder", ["rung", "fire_at"])
    op.create_index("reminder_expiry", "reminder", ["expires_at"])
    op.create_table(
        "delivery",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("reminder", sa.String, primary_key=True),
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("next_at", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_index("delivery_due", "delivery", ["service", "next_at"])
    op.create_table(
        "server_key",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
