"""A journal of answers given on notifications, in files until they are applied.

The plug-in deletes an answer once it has reported it, which is during start-up. A process that ends before
its database is open would lose it.
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
    """One file per answer, in its own folder. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._unwritten: list[NotificationAnswer] = []

    def add(self, answer: NotificationAnswer) -> None:
        """Store an answer; in memory only if the file cannot be written."""
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
        """Every stored answer, oldest first."""
        with self._lock:
            found = [_read(path) for path in self._files()]
            return [answer for answer in found if answer is not None] + self._unwritten

    def forget(self, answers: Sequence[NotificationAnswer]) -> None:
        """Delete answers. Raises OSError; then they are kept, and applying them again changes nothing."""
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
