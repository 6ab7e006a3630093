"""Keys and tokens are not in the database, in backups or in the log."""

import base64
import logging
from pathlib import Path

import pytest

from app.domain.entities import Client, Settings
from app.store.backup import backup
from app.store.database import open_database
from app.store.store import Store
from app.sync import keys
from app.sync.membership import SYNC_KEY, TOKEN
from app.sync.service import Sync
from tests.unit.sync.people import play
from tests.unit.sync.support import SERVER, FakeServer, Phone


def test_keys_and_tokens_are_not_in_database_backup_or_log(
    tmp_path: Path, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(open_database(tmp_path / "kaeru.db"), server.clock)
    store.save(Settings(introduced=True), Client(id="c", name="Ana"))
    phone = Phone(tmp_path, server)
    sync = Sync(store, phone, server.clock)
    secrets: list[bytes] = []

    async def story() -> None:
        text = await sync.start(SERVER, "Phone")
        await sync.sync_once()
        server.revoke(sync.reminders.device)  # errors are logged, too
        await sync.sync_once()
        key, token = await phone.vault.read(SYNC_KEY), await phone.vault.read(TOKEN)
        assert key is not None
        assert token is not None
        derived = keys.derive(key)
        raw = [key, derived.sealing, derived.reminders, derived.secret]
        secrets.extend([text.encode(), text.replace("-", "").encode(), token, *raw])
        for each in raw:
            secrets.extend([each.hex().encode(), base64.urlsafe_b64encode(each).rstrip(b"=")])

    with caplog.at_level(logging.DEBUG):
        play(story)
    saved = backup.to_bytes(backup.export(store, server.clock()))
    files = b"".join(file.read_bytes() for file in tmp_path.glob("kaeru.db*"))
    assert b"Ana" in files  # the search works
    assert b"Ana" in saved
    said = "\n".join(record.getMessage() for record in caplog.records).encode()
    assert [secret for secret in secrets if secret in files + saved + said] == []
