"""Record counts, for backups and for deleting everything."""

from sqlalchemy import func, select
from sqlmodel import col

from app.store.records import Record, deleted
from app.store.store import Store


def counts(store: Store) -> dict[str, int]:
    """Records by kind, without deleted ones."""
    query = select(col(Record.kind), func.count()).where(~deleted()).group_by(col(Record.kind))
    with store.session() as session:
        return dict(session.execute(query).all())
