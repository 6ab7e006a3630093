"""Commands on all data: back up, restore, check, count and delete."""

import logging
from collections.abc import Mapping
from datetime import datetime

from app.i18n import Formatter, _, n_
from app.store import queries
from app.store.backup import backup
from app.store.backup.backup import BackupError, BackupSummary, CheckedBackup
from app.store.database import integrity_check
from app.store.transactions import StorageError
from app.viewmodels import work
from app.viewmodels.services import AppServices, WorkCancelledError, storage_message

log = logging.getLogger(__name__)


def file_name(at: datetime, formatter: Formatter) -> str:
    """For example kaeru-2026-11-27.json, with the user's local date."""
    return f"kaeru-{formatter.local(at).date().isoformat()}.json"


def make_backup(app: AppServices) -> bytes | None:
    """The backup file's content; None, after showing an error message, on failure.

    A backup above the limits of restoring is refused.
    """
    try:
        return backup.to_file(backup.export(app.store, app.now))
    except StorageError as error:
        report(app, error)
    except BackupError:
        text = _("There is too much here for one backup file: it holds up to {size} MB and {n} records.")
        app.say(text.format(size=backup.LARGEST_FILE // 2**20, n=app.format.number(backup.MOST_RECORDS)))
    return None


def counts_line(counts: Mapping[str, int], formatter: Formatter) -> str:
    """Counts by kind in words: "12 clients, 240 messages and 3 jobs"."""

    def count(kind: str) -> int:
        return counts.get(kind, 0)

    parts = [
        (count("client"), n_("{n} client", "{n} clients", count("client"))),
        (count("message"), n_("{n} message", "{n} messages", count("message"))),
        (count("call"), n_("{n} call", "{n} calls", count("call"))),
        (count("job"), n_("{n} job", "{n} jobs", count("job"))),
        (count("update"), n_("{n} update", "{n} updates", count("update"))),
        (count("script"), n_("{n} text of your own", "{n} texts of your own", count("script"))),
        (count("checklist"), n_("{n} checklist", "{n} checklists", count("checklist"))),
    ]
    present = [text for number, text in parts if number]
    return formatter.listed(present) if present else _("Nothing but settings")


def summary_line(summary: BackupSummary, formatter: Formatter) -> str:
    """The contents of a backup and when it was saved."""
    return _("{counts}, saved on {when}").format(
        counts=counts_line(summary.counts, formatter), when=formatter.stamp(summary.exported_at)
    )


def backup_problem(error: BackupError, formatter: Formatter) -> str:
    """The message for a file that cannot be restored."""
    if error.code == "not_json":
        return _("This file cannot be read. It is not a Kaeru backup, or it is cut off.")
    if error.code == "not_kaeru":
        return _("This file is not a Kaeru backup.")
    if error.code == "newer":
        return _("A newer version of Kaeru made this backup. Update the app, then restore it.")
    if error.code == "too_large":
        return _("This file is too large: Kaeru restores backups of up to {size} MB and {n} records.").format(
            size=backup.LARGEST_FILE // 2**20, n=formatter.number(backup.MOST_RECORDS)
        )
    if error.record is None:
        return _("This backup is damaged. Nothing was changed. Try an earlier backup.")
    return _("This backup is damaged at record {n}. Nothing was changed. Try an earlier backup.").format(
        n=formatter.number(error.record)
    )


async def restore(app: AppServices, checked: CheckedBackup) -> None:
    """Replace all data with the backup, or change nothing on failure."""
    steps = backup.restore_checked(app.store, checked)
    try:
        await work.write(app, _("Restoring the backup…"), steps, checked.size)
    except StorageError as error:
        report(app, error)
    except WorkCancelledError:
        app.say(_("Cancelled. Nothing was changed."))
    else:
        app.say(_("Backup restored"))


def delete_everything(app: AppServices) -> None:
    """Delete all data and return to the first run."""
    try:
        app.store.wipe()
    except StorageError as error:
        report(app, error)
    else:
        app.run_task(forget_reminders, app)
        app.go("/")


async def forget_reminders(app: AppServices) -> None:
    """Delete the platform's record of shown and answered notifications, which is outside the store."""
    try:
        await app.platform.notifications.forget_everything()
    except Exception:
        log.exception("what was shown and answered is still there")  # it expires after some days


def check_database(app: AppServices) -> None:
    """Check the database's integrity; a damaged one opens the rescue screen."""
    try:
        integrity_check(app.store.engine)
    except StorageError as error:
        report(app, error)
    else:
        app.say(_("The database is sound."))


def report(app: AppServices, error: StorageError) -> None:
    """Show why a command failed. A corrupt database is closed, which opens the rescue screen."""
    if error.reason == "corrupt":
        app.store.close()
        app.broken = error.reason
    else:
        app.say(storage_message(error))


def counts(app: AppServices) -> Mapping[str, int]:
    """Number of records on this device by kind."""
    return queries.counts(app.store)
