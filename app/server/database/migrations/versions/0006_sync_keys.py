"""Changes of the sync key: the current key's id and epoch, retired ids, and a grant for each device."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("account", sa.Column("key_epoch", sa.Integer, nullable=False, server_default="0"))
    op.add_column("account", sa.Column("alias", sa.LargeBinary))
    op.add_column("account", sa.Column("keyring", sa.LargeBinary))
    op.create_index("account_alias", "account", ["alias"], unique=True)
    op.add_column("device", sa.Column("key_grant", sa.LargeBinary))
    op.create_table(
        "retired_id",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("account", sa.LargeBinary, nullable=False),
    )
    op.create_index("retired_id_account", "retired_id", ["account"])
