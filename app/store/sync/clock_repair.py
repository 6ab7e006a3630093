"""Writes new clocks to existing records: after a restore, or after a wrong wall clock."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import select

from app.domain.entities import SAMPLE_PREFIX
from app.store.changes import StoredRecord
from app.store.records import DEVICE, Key, Record, table
from app.store.writing import RecordWriter

RECORDS_PER_STEP = 2_000  # records read or updated per step


class ClockRepair(RecordWriter):
    """The record writer of a device that syncs."""

    def replace_all(self, records: Iterable[StoredRecord]) -> Iterator[int]:
        """Replace all records with new clocks, so that the restored data wins on every device.

        Records that are not in the backup are deleted on every device. Later writes of other devices, and
        earlier ones with a newer clock, are merged as usual.
        """
        rows = table(Record)
        known: dict[str, tuple[str, int, str | None]] = {}
        query = select(rows.c.kind, rows.c.id, rows.c.rev, rows.c.gone).where(rows.c.kind != DEVICE)
        found = self._connection.execute(query)
        while page := found.fetchmany(RECORDS_PER_STEP):
            known |= {id_: (kind, rev, gone) for kind, id_, rev, gone in page}
            yield 0
        stamp = self._now()
        restored: set[str] = set()

        def records_with_new_clocks() -> Iterator[StoredRecord]:
            for record in records:
                restored.add(record.key.id)
                _, _, deletion = known.get(record.key.id, ("", 0, None))
                yield _with_new_clocks(record, stamp, deletion)
            for id_, (kind, _, _) in known.items():
                if id_ not in restored and kind != "settings" and not id_.startswith(SAMPLE_PREFIX):
                    yield StoredRecord(Key(kind, id_), {}, {}, stamp, {})

        yield from super().replace_all(records_with_new_clocks())
        revisions = [(rev, id_) for id_, (_, rev, _) in known.items()]
        for start in range(0, len(revisions), RECORDS_PER_STEP):
            self._connection.exec_driver_sql(
                "UPDATE record SET rev = ? WHERE id = ?", revisions[start : start + RECORDS_PER_STEP]
            )
            yield len(restored)

    def repair(self, last_sent: str) -> None:
        """Replace the timestamps made while the wall clock was more than a day ahead, keeping their order.

        Other devices reject those timestamps, so none of them was sent; `last_sent` is the newest one that
        may have been. New timestamps are newer than all sent or stored ones. They may be older than one that
        was overwritten here before it was sent, which no device has seen. Requires a correct wall clock.
        """
        rows, latest = table(Record), self._clock.latest_accepted()
        wrong: set[str] = set()
        newest = last_sent
        records = self._connection.execute(select(rows)).mappings().all()
        for record in records:
            stamps = {*record["clocks"].values(), *(pair[1] for pair in record["extra"].values())}
            stamps |= {record["gone"]} if record["gone"] else set()
            wrong |= {stamp for stamp in stamps if stamp > latest}
            newest = max([newest, *(stamp for stamp in stamps if stamp <= latest)])
        self._clock.rewind(newest)
        replacements = {stamp: self._clock.tick() for stamp in sorted(wrong)}
        repaired = [
            {
                **record,
                "clocks": {name: replacements.get(clock, clock) for name, clock in record["clocks"].items()},
                "extra": {
                    name: [value, replacements.get(c, c)] for name, (value, c) in record["extra"].items()
                },
                "gone": replacements.get(record["gone"], record["gone"]),
                "dirty": True,
            }
            for record in records
            if wrong & {record["gone"], *record["clocks"].values(), *(c for _, c in record["extra"].values())}
        ]
        self._upsert_records(repaired)
        self._remember_clock()


def _with_new_clocks(record: StoredRecord, stamp: str, deletion: str | None) -> StoredRecord:
    """Give all fields a new clock. `deletion` is the stored record's; the later deletion is kept."""
    return replace(
        record,
        clocks=dict.fromkeys(record.fields, stamp),
        gone=stamp if record.deleted else max(record.gone or "", deletion or "") or None,
        extra={name: [value, stamp] for name, (value, _) in record.extra.items()},
    )
