"""Renumber the records of restored accounts whose `oldest_cursor` is above their records.

The cursors given out while paging through these records were refused later, so devices could not sync.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

JUMP = 1_000_000_000


def upgrade() -> None:
    connection = op.get_bind()
    broken = sa.text(
        "SELECT account.id, account.rev, min(record.rev) FROM account"
        " JOIN record ON record.account = account.id WHERE account.oldest_cursor > 0"
        " GROUP BY account.id, account.rev, account.oldest_cursor"
        " HAVING min(record.rev) <= account.oldest_cursor"
    )
    # Every new revision is above every old one, so the unique index holds during the update.
    move_records = sa.text("UPDATE record SET rev = rev + :shift WHERE account = :account")
    move_account = sa.text(
        "UPDATE account SET rev = rev + :shift, oldest_cursor = :oldest, plan_rev = plan_rev + :jump"
        " WHERE id = :account"
    )
    for account, rev, first in connection.execute(broken).all():
        oldest = rev + JUMP
        shift = oldest - (first - 1)
        connection.execute(move_records, {"account": account, "shift": shift})
        connection.execute(move_account, {"account": account, "shift": shift, "oldest": oldest, "jump": JUMP})
