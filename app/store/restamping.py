"""Writes that give new clocks to what is there already: a restored backup, what a wrong clock stamped."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from app.domain.entities import SAMPLE_PREFIX
from app.store.changes import StoredRecord
from app.store.records import DEVICE, Key, Record, table
from app.store.writing import Writer


class Restamping(Writer):
    """The writer of a device that syncs."""

    def replace_all(self, records: Iterable[StoredRecord]) -> None:
        """As a new write of everything, so that what was restored wins on every device.

        What there is beside it is deleted on every device too. What another device writes later, or wrote
        already with a newer clock, is merged as always.
        """
        rows = table(Record)
        query = select(rows.c.kind, rows.c.id, rows.c.rev).where(rows.c.kind != DEVICE)
        known = self._connection.execute(query).all()
        stamp = self._now()
        renewed = {record.key.id: _renewed(record, stamp) for record in records}
        for kind, id_, _ in known:
            if id_ not in renewed and kind != "settings" and not id_.startswith(SAMPLE_PREFIX):
                renewed[id_] = StoredRecord(Key(kind, id_), {}, {}, stamp, {})
        super().replace_all(renewed.values())
        revisions = [(rev, id_) for _, id_, rev in known]
        if revisions:
            self._connection.exec_driver_sql("UPDATE record SET rev = ? WHERE id = ?", revisions)

    def mend(self, sound: str) -> None:
        """Stamp anew, in their order, what was stamped while the wall clock was ahead by more than a day.

        Other devices refuse those stamps, so none of them was sent; `sound` is the newest that may have been.
        To be called with the clock set right.
        """
        rows, latest = table(Record), self._clock.latest_believed()
        strays: set[str] = set()
        newest = sound
        records = self._connection.execute(select(rows)).mappings().all()
        for record in records:
            stamps = {*record["clocks"].values(), *(pair[1] for pair in record["extra"].values())}
            stamps |= {record["gone"]} if record["gone"] else set()
            strays |= {stamp for stamp in stamps if stamp > latest}
            newest = max([newest, *(stamp for stamp in stamps if stamp <= latest)])
        self._clock.rewind(newest)
        instead = {stamp: self._clock.tick() for stamp in sorted(strays)}
        mended = [
            {
                **record,
                "clocks": {name: instead.get(clock, clock) for name, clock in record["clocks"].items()},
                "extra": {name: [value, instead.get(c, c)] for name, (value, c) in record["extra"].items()},
                "gone": instead.get(record["gone"], record["gone"]),
                "dirty": True,
            }
            for record in records
            if strays
            & {record["gone"], *record["clocks"].values(), *(c for _, c in record["extra"].values())}
        ]
        self._upsert_records(mended)
        self._remember_clock()


def _renewed(record: StoredRecord, stamp: str) -> StoredRecord:
    return replace(
        record,
        clocks=dict.fromkeys(record.fields, stamp),
        gone=record.gone and stamp,
        extra={name: [value, stamp] for name, (value, _) in record.extra.items()},
    )
