"""Backup, deletion, and restore of the user's data; a bad backup file changes nothing."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.e2e.browser import START_MS, Phone
from tests.e2e.hands import Hands
from tests.unit.store.support import STAMP, signed

NAME = "髙橋 Zoë"


def test_a_backup_restores_the_same_records_after_deleting_everything(phone: Phone, tmp_path: Path) -> None:
    h = Hands(phone.start())
    begin_with_sample_data(h, NAME)
    open_data(h)
    before = save_backup(h, tmp_path / "before.json")
    kinds = {record["kind"] for record in before["records"]}
    assert kinds == {
        "settings",
        "client",
        "message",
        "job",
        "part",
        "call",
        "topic",
        "update",
        "conversation",
    }

    h.tap(h.say("Delete everything…"))
    h.tap(h.say("Yes, delete everything in Kaeru on this device."), "checkbox")
    h.tap(h.say("Delete everything"))
    h.tap(h.say("Next"))
    h.see(h.say("You and your time"))
    assert NAME not in h.said()
    h.tap(h.say("Next"))
    choose_file(h, h.say("I have a backup…"), tmp_path / "before.json")
    h.tap(h.say("Restore"))
    h.see(h.say("Backup restored"))

    open_data(h)
    after = save_backup(h, tmp_path / "after.json")
    assert after["records"] == before["records"]


NOTE_REMINDER = """async () => {
  const at = new Date().toISOString();
  const reminder = { tag: "a-reminder", at, until: at, item: ["message", "none"] };
  await (await import("/worker/rings.js")).note(reminder, { answered: true });
  await (await import("/worker/answers.js")).keepAnswer("replied", reminder);
}"""
"""Store what the service worker stores when a reminder was shown and answered."""

KEPT_REMINDERS = """async () => {
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  const { readAnswers } = await import("/worker/answers.js");
  return { rings: databases.includes("kaeru-rings"), answers: JSON.parse(await readAnswers()).length };
}"""


def test_deleting_everything_deletes_shown_and_answered_reminders(phone: Phone) -> None:
    page = phone.start()
    h = Hands(page)
    begin_with_sample_data(h)
    page.evaluate(NOTE_REMINDER)
    assert page.evaluate(KEPT_REMINDERS)["rings"] is True
    open_data(h)
    h.tap(h.say("Delete everything…"))
    h.tap(h.say("Yes, delete everything in Kaeru on this device."), "checkbox")
    h.tap(h.say("Delete everything"))
    h.see(h.say("Next"))
    for _ in range(100):
        if not page.evaluate(KEPT_REMINDERS)["rings"]:
            break
        page.wait_for_timeout(100)
    assert page.evaluate(KEPT_REMINDERS) == {"rings": False, "answers": 0}


def test_sample_data_is_removed_and_restored_in_one_tap_each(phone: Phone) -> None:
    h = Hands(phone.start())
    begin_with_sample_data(h)
    h.see("Priya")
    h.tap(h.say("Remove sample data"))
    h.see(h.say("Your replies and deadlines gather here"))
    h.tap(h.say("Undo"))
    h.see(h.say("Remove sample data"), "Priya")


def test_a_bad_backup_says_what_is_wrong_and_changes_nothing(phone: Phone, tmp_path: Path) -> None:
    h = Hands(phone.start())
    begin_with_sample_data(h)
    open_data(h)
    before = save_backup(h, tmp_path / "before.json")
    sound = (tmp_path / "before.json").read_bytes()

    unreadable = h.say("This file cannot be read. It is not a Kaeru backup, or it is cut off.")
    for content, problem in (
        (b"\x89PNG\r\n\x1a\n", unreadable),
        (b'{"format": "shopping-list"}', h.say("This file is not a Kaeru backup.")),
        (sound[: len(sound) // 2], unreadable),
        (
            json.dumps({**before, "version": before["version"] + 1}).encode(),
            h.say("A newer version of Kaeru made this backup. Update the app, then restore it."),
        ),
        (
            sound.replace(b"Priya", b"Paula"),
            h.say("This backup is damaged. Nothing was changed. Try an earlier backup."),
        ),
    ):
        (tmp_path / "bad.json").write_bytes(content)
        choose_file(h, h.say("Restore a backup…"), tmp_path / "bad.json")
        h.see(problem)

    assert save_backup(h, tmp_path / "after.json")["records"] == before["records"]


def test_a_large_backup_shows_its_progress_and_can_be_cancelled(phone: Phone, tmp_path: Path) -> None:
    fields = {"name": "Ana", "status": "ended"}
    clients = [
        {"id": f"c{n}", "kind": "client", "fields": fields, "clocks": {STAMP: "name status"}}
        for n in range(2_000)
    ]
    (tmp_path / "large.json").write_bytes(signed(clients))
    (tmp_path / "deep.json").write_bytes(b'{"a":' * 100_000)  # would crash the interpreter if decoded
    h = Hands(phone.start())
    begin_with_sample_data(h)
    open_data(h)
    before = save_backup(h, tmp_path / "before.json")
    choose_file(h, h.say("Restore a backup…"), tmp_path / "deep.json")
    h.see(h.say("This file cannot be read. It is not a Kaeru backup, or it is cut off."))

    choose_file(h, h.say("Restore a backup…"), tmp_path / "large.json")
    h.see(h.say("Checking the backup…"))
    expect(h.page.get_by_role("progressbar")).to_have_accessible_name(
        re.compile(h.say("Checking the backup…"))
    )
    h.tap(h.say("Cancel"))
    h.see(h.say("Restore a backup…"))

    choose_file(h, h.say("Restore a backup…"), tmp_path / "large.json")
    restore = h.page.get_by_role("button", name=h.say("Restore"), exact=True)
    restore.click(timeout=START_MS)
    h.see(h.say("Restoring the backup…"))
    h.tap(h.say("Cancel"))
    h.see(h.say("Cancelled. Nothing was changed."))
    assert save_backup(h, tmp_path / "after.json")["records"] == before["records"]

    choose_file(h, h.say("Restore a backup…"), tmp_path / "large.json")
    restore.click(timeout=START_MS)
    h.page.get_by_text(h.say("Backup restored")).first.wait_for(timeout=START_MS)


def begin_with_sample_data(h: Hands, name: str = "") -> None:
    h.tap(h.say("Next"))
    if name:
        h.type(h.say("Your name"), name)
    h.tap(h.say("Next"))
    h.tap(h.say("Try with sample data"))
    h.see(h.say("Remove sample data"))


def open_data(h: Hands) -> None:
    h.tap(h.say("Settings"))
    h.tap(h.say("Your data"))
    h.see(h.say("Backup"))


def save_backup(h: Hands, path: Path) -> dict[str, Any]:
    """Save a backup at `path`; returns its content."""
    with h.page.expect_download() as download:
        h.tap(h.say("Save a backup…"))
    download.value.save_as(path)
    backup: dict[str, Any] = json.loads(path.read_bytes())
    return backup


def choose_file(h: Hands, button: str, path: Path) -> None:
    with h.page.expect_file_chooser() as chooser:
        h.tap(button)
    chooser.value.set_files(path)
