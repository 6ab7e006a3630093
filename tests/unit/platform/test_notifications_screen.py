"""The notification settings on a phone, in the whole app: their texts and their buttons."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.domain.entities import Settings, utc_now
from app.store.database import open_database
from app.store.store import Store
from app.ui.app import Running
from tests.unit.platform.alarm_system import Phone, System

EXACT = {"en": "Allow exact alarms…", "fr": "Autoriser les alarmes exactes…", "ja": "正確なアラームを許可…"}
LATE = {"en": "an hour late", "fr": "une heure de retard", "ja": "最大1時間遅れる"}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use_language("en")


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_late_alarms_are_explained_and_exact_alarms_can_be_allowed(storage: Path, language: str) -> None:
    system = System()
    system.exact = False

    async def story() -> None:
        phone = await Phone(system, keystore_locked=False).start()
        screen = phone.screen
        screen.page.route = "/settings/notifications"
        store = Store(open_database(phone.platform.database_path), utc_now)
        store.save(Settings(introduced=True, language=language))
        store.close()
        running = Running(screen.page, phone.platform)
        i18n.use_language(language)
        await running.start()

        def button() -> list[Any]:
            return [each for each in screen.properties.values() if each.get("content") == EXACT[language]]

        while not button():  # noqa: ASYNC110 - the condition has no event to wait for
            await asyncio.sleep(0.01)
        written = [str(each.get("value")) for each in screen.properties.values()]
        assert any(LATE[language] in text for text in written)
        await screen.session.dispatch_event(button()[-1]["_i"], "click", None)
        while not system.exact:  # noqa: ASYNC110 - the condition has no event to wait for
            await asyncio.sleep(0.01)
        running.end()

    asyncio.run(asyncio.wait_for(story(), 60))
