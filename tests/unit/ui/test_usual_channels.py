"""The order of proposed channels and platforms: those in use, then those usual in the language."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.codes import ChannelKind
from app.domain.entities import Client, Job, Message, Settings
from app.i18n import use_language
from app.ui.state import AppState
from app.viewmodels import record
from app.viewmodels.contact import usual_kinds

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def japanese(app: AppState) -> AppState:
    app.store.update(Settings, "settings", lambda settings: setattr(settings, "language", "ja"))
    use_language("ja")
    return app


def test_japanese_platforms_are_near_the_top_in_japanese(japanese: AppState) -> None:
    kinds = usual_kinds(japanese)
    assert kinds.index("crowdworks") < 5
    assert kinds.index("lancers") < 6
    assert sorted(kinds) == sorted(ChannelKind)


def test_the_most_used_channel_is_first(app: AppState) -> None:
    used = ["lancers"] * 3 + ["slack"] * 2 + ["email"]
    for days, channel in enumerate(used):
        app.store.save(Message(client_id="c", at=NOW - days * DAY, channel=channel))
    assert usual_kinds(app)[:3] == ["lancers", "slack", "email"]


def recorded_job(app: AppState, client: Client) -> Job:
    assert record.record(app, "job", client, show=lambda _kind, _key: None)
    (job_id,) = app.just_made
    job = app.store.get(Job, job_id)
    assert job is not None
    return job


@pytest.mark.parametrize(
    ("platforms", "channels", "platform"),
    [
        (["Upwork", "ランサーズ"], [], "Upwork"),
        ([""], ["lancers"], ""),
        ([], ["email", "lancers"], "ランサーズ"),
        ([], ["crowdworks"], "クラウドワークス"),
        ([], ["email"], ""),
        ([], [], ""),
    ],
)
def test_a_new_job_gets_the_platform_of_the_clients_last_job_or_channel(
    japanese: AppState, platforms: list[str], channels: list[str], platform: str
) -> None:
    client = Client(id="c", name="田中", channels=[{"kind": kind, "handle": ""} for kind in channels])
    japanese.store.save(client)
    for days, name in enumerate(platforms):
        japanese.store.save(Job(client_id="c", platform=name, started_at=NOW - (days + 1) * DAY))
    assert recorded_job(japanese, client).platform == platform


def test_the_usual_channel_is_the_platform_of_the_client_s_job(japanese: AppState) -> None:
    client = Client(id="c", name="田中")
    japanese.store.save(client, Job(client_id="c", platform="クラウドワークス", started_at=NOW - DAY))
    assert record.usual_channel(japanese, client) == "crowdworks"
    japanese.store.save(Message(client_id="c", at=NOW, channel="slack"))
    assert record.usual_channel(japanese, client) == "slack"
