"""Answers given on notifications, kept in files until they are carried out.

The plug-in forgets an answer as soon as it has told of it, which is while the app starts: a process that ends
before its database is open would lose it.
"""

import json
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from app.platform.base import NotificationAnswer

log = logging.getLogger(__name__)


class AnswerJournal:
    """A file an answer, in a folder of its own. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._unwritten: list[NotificationAnswer] = []

    def add(self, answer: NotificationAnswer) -> None:
        """Keep an answer; in memory only, where the device has no room for a file."""
        text = json.dumps({"id": answer.id, "fields": answer.fields})
        with self._lock:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                last = max((int(path.name.partition("-")[0]) for path in self._files()), default=0)
                path = self._folder / f"{last + 1:08d}-{answer.id}.json"
                unfinished = path.with_suffix(".part")
                unfinished.write_text(text, encoding="utf-8")
                unfinished.replace(path)
            except OSError as error:
                log.warning("an answer is kept in memory only: %s", error)
                self._unwritten.append(answer)

    def all(self) -> list[NotificationAnswer]:
        """Every answer that was kept and not forgotten, oldest first."""
        with self._lock:
            found = [_read(path) for path in self._files()]
            return [answer for answer in found if answer is not None] + self._unwritten

    def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        """Delete these. Raises OSError; then they stay, and carrying them out again changes nothing."""
        ids = {answer.id for answer in answers}
        with self._lock:
            self._unwritten = [answer for answer in self._unwritten if answer.id not in ids]
            for path in self._files():
                if path.stem.partition("-")[2] in ids:
                    path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*-*.json"))


def _read(path: Path) -> NotificationAnswer | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return NotificationAnswer(str(kept["id"]), dict(kept["fields"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("an answer cannot be read: %s: %s", os.fspath(path), error)
        return None
