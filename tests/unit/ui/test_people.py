"""Clients: quick and long form, greetings in texts, sorting, search, and the channel to reach them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.column_types import Channel
from app.domain.entities import Client, Message, Script, Settings, StatusUpdate
from app.store import queries
from app.ui.components import contact
from app.ui.state import AppState
from app.ui.today import row
from app.viewmodels import clients, record
from app.viewmodels import update as updates
from app.viewmodels.client_draft import draft_of, new_client, read
from app.viewmodels.contact import channel_of
from app.viewmodels.scripts.filling import filling, find
from app.wording import words
from tests.unit.platform.screen import Screen

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)


def speak(app: AppState, language: str) -> None:
    settings = app.store.settings()
    settings.language = language
    app.store.save(settings)


# --- quick and long form -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "name"),
    [("ja", "佐藤"), ("ja", "株式会社青空"), ("fr", "Association Les Halles"), ("en", "Ana"), ("ja", "Ana")],
)
def test_the_quick_form_and_the_long_one_make_the_same_client(
    app: AppState, language: str, name: str
) -> None:
    speak(app, language)
    quick = record.new_client(app, name)
    assert quick is not None
    typed = draft_of(quick, app.settings, app.calendar, app.format)
    long, errors = read(typed, new_client(app.settings, app.now), app.settings, app.calendar, app.now)
    assert errors == {}
    assert words.greeted(long) == words.greeted(quick)
    assert words.addressed(long) == words.addressed(quick)
    assert (long.honorific, long.language) == (quick.honorific, quick.language)


def test_a_client_from_the_quick_form_gets_the_usual_honorific(app: AppState) -> None:
    speak(app, "ja")
    for typed, greeted in (
        ("佐藤", "佐藤様"),
        ("田中さん", "田中さん"),
        ("株式会社青空", "株式会社青空 御中"),
    ):
        client = record.new_client(app, typed)
        assert client is not None
        assert words.greeted(client) == greeted


def test_a_name_typed_with_its_honorific_finds_the_stored_client(app: AppState) -> None:
    speak(app, "ja")
    tanaka = record.new_client(app, "田中さん")
    assert tanaka is not None
    found = record.likely_clients(app, "田中さん")
    assert [client.id for client in found] == [tanaka.id]
    assert record.is_known(found, "田中さん")
    assert record.is_known(found, " 田中 ")
    assert not record.is_known(found, "田中商店")


# --- greetings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client(name="佐藤花子", organisation="株式会社青空", language="ja"), "株式会社青空 佐藤花子様"),
        (Client(name="株式会社青空", honorific="様", language="ja"), "株式会社青空 御中"),
        (Client(name="株式会社青空", honorific="ご担当者様", language="ja"), "株式会社青空 ご担当者様"),
        (Client(name="山田", language="ja"), "山田様"),
        (
            Client(name="Lefèvre", honorific="M.", organisation="Les Halles", language="fr"),
            "Monsieur Lefèvre",
        ),
        (Client(name="Association Les Halles", honorific="M.", language="fr"), ""),
        (Client(name="Acme Ltd", language="en"), ""),
        (Client(name="Cole", honorific="Dr", language="en"), "Dr Cole"),
        (Client(name="Bertrand Vasseur", honorific="M.", language="fr"), "Monsieur Vasseur"),
        (Client(name="VASSEUR Bertrand", honorific="M.", language="fr"), "Monsieur VASSEUR"),
        (Client(name="Jeanne de La Tour", honorific="Mme", language="fr"), "Madame de La Tour"),
        (Client(name="Le Goff", honorific="Mme", language="fr"), "Madame Le Goff"),
        (Client(name="Bertrand Vasseur", party="person", language="fr"), "Bertrand"),
        (Client(name="Bertrand Vasseur", organisation="Les Halles", language="fr"), "Bertrand"),
        (
            Client(name="Atelier Nord", language="fr"),
            "Atelier Nord",
        ),  # taken for an organisation, for lack of other data
        (Client(name="Jane Cole", honorific="Dr", language="en"), "Dr Cole"),
        (Client(name="Jane Cole", party="person", language="en"), "Jane"),
        (Client(name="J. Cole", party="person", language="en"), "J. Cole"),
        (Client(name="Service comptabilité", honorific="M.", organisation="Acme", language="fr"), ""),
        (Client(name="Accounts department", organisation="Acme Ltd", language="en"), ""),
        (
            Client(name="営業部", honorific="様", organisation="株式会社青空", language="ja"),
            "株式会社青空 営業部 御中",
        ),
        (Client(name="阿部", organisation="株式会社青空", language="ja"), "株式会社青空 阿部様"),
        (Client(name="佐藤 花子", honorific="Mme", language="ja"), "佐藤 花子様"),
        (Client(name="佐藤", honorific="様", language="en"), "佐藤"),
    ],
)
def test_a_greeting_follows_the_conventions_of_the_clients_language(client: Client, expected: str) -> None:
    assert words.greeted(client) == expected


def text_for(app: AppState, client: Client, script: str) -> str:
    app.store.save(client)
    page = find(app, script, f"/clients/client/{client.id}", client.language)
    assert page is not None
    now = filling(page, {"expertise": "x", "proposed_call": "y", "call_counts": "z"}, {})
    assert now.complete
    return now.body


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        ("高橋", "高橋様"),
        ("株式会社青空", "株式会社青空 御中"),
        ("高橋さん", "高橋さん"),
        ("高橋社長", "高橋社長"),
        ("関係者各位", "関係者各位"),
        ("株式会社青空 御中", "株式会社青空 御中"),
    ],
)
def test_a_name_typed_into_a_japanese_text_gets_an_honorific(app: AppState, typed: str, begins: str) -> None:
    page = find(app, "voicemail-received", "/", "ja")
    assert page is not None
    assert filling(page, {"client": typed}, {}).body.splitlines()[0] == begins


def test_a_users_own_japanese_text_adds_the_honorific(
    app: AppState,
) -> None:
    app.store.save(
        Client(id="c", name="高橋", language="en"),
        Script(id="own", language="ja", title="挨拶", body="{client}\n\nお世話になっております。"),
    )
    page = find(app, "own", "/clients/client/c", "ja")
    assert page is not None
    assert filling(page, {}, {}).body.startswith("高橋様\n")


def test_an_organisation_is_greeted_without_a_name_and_without_a_title(app: AppState) -> None:
    halles = Client(name="Association Les Halles", honorific="M.", language="fr")
    assert text_for(app, halles, "missed-call").startswith("Bonjour,\n")
    acme = Client(name="Acme Ltd", language="en")
    assert text_for(app, acme, "missed-call").startswith("Hello,\n")


def test_a_japanese_text_calls_an_organisation_your_company(app: AppState) -> None:
    firm = text_for(app, Client(name="株式会社青空", language="ja"), "push-back")
    assert firm.startswith("株式会社青空 御中\n")
    assert "貴社のために" in firm
    sato = Client(name="佐藤", organisation="株式会社青空", language="ja")
    person = text_for(app, sato, "push-back")
    assert person.startswith("株式会社青空 佐藤様\n")
    assert "、佐藤様のために" in person


@pytest.mark.parametrize(
    ("language", "begins", "ends"),
    [
        ("en", "Hello,\n", "Best wishes"),
        ("fr", "Bonjour,\n", "Bien à vous"),
        ("ja", "ご担当者様\n\nお世話になっております。\n", "よろしくお願いいたします。"),
    ],
)
def test_a_reply_without_any_name_is_complete(app: AppState, language: str, begins: str, ends: str) -> None:
    app.store.save(Settings(name="", time_zone="Europe/Paris", introduced=True))
    page = find(app, "voicemail-received", "/", language)
    assert page is not None
    now = filling(page, {}, {})
    assert now.complete
    assert now.body.startswith(begins)
    assert now.body.endswith(ends)
    assert "{" not in now.body
    named = filling(page, {"client": "Kim", "me": "Robin"}, {}).body
    assert "Kim" in named
    assert "Robin" in named


# --- sorting and search ------------------------------------------------------------------------------------


def test_clients_are_sorted_by_reading_whatever_the_kana(app: AppState) -> None:
    app.store.save(
        Client(name="山田", reading="ヤマダ"),
        Client(name="青木", reading="ｱｵｷ"),
        Client(name="佐藤", reading="さとう"),
        Client(name="かとう"),
    )
    assert [client.name for client in queries.clients(app.store)] == ["青木", "かとう", "佐藤", "山田"]


@pytest.mark.parametrize("query", ["さとう", "サトウ", "ｻﾄｳ", "佐藤", "青空", "ＡＯＺＯＲＡ 佐藤"])
def test_a_client_is_found_by_reading_and_organisation_in_every_search(app: AppState, query: str) -> None:
    sato = Client(name="佐藤", reading="さとう", organisation="株式会社青空 Aozora")
    app.store.save(sato, Client(name="田中", reading="たなか"))
    assert [found.client.id for found in clients.load(app).shown(query, "active")] == [sato.id]
    assert [client.id for client in record.likely_clients(app, query)] == [sato.id]


# --- channels ----------------------------------------------------------------------------------------------


def kenji(app: AppState, *channels: tuple[str, str]) -> Client:
    client = Client(name="Kenji", channels=[Channel(kind=kind, handle=handle) for kind, handle in channels])
    app.store.save(client)
    return client


def test_the_usual_channel_is_the_last_used_or_else_the_first_stored(app: AppState) -> None:
    client = kenji(app, ("email", "k@example.org"), ("chatwork", "123456"))
    assert record.usual_channel(app, client) == "email"
    app.store.save(Message(client_id=client.id, at=NOW - 3 * HOUR, channel="chatwork"))
    assert record.usual_channel(app, client) == "chatwork"
    app.store.save(StatusUpdate(client_id=client.id, at=NOW - 2 * HOUR, channel="whatsapp", text="Done."))
    assert record.usual_channel(app, client) == "whatsapp"
    update = updates.load(app, "new", f"/clients/client/{client.id}/update/new")
    assert update is not None
    assert update.channel == "whatsapp"
    record.record(app, "message", client)
    assert "whatsapp" in [message.channel for message in queries.open_messages(app.store)]
    assert record.usual_channel(app, kenji(app)) == "email"


def on_a_page(act: Callable[[], Any]) -> Any:
    """Run the callback with a page, which the actions of controls need."""

    async def inside() -> tuple[Any, Screen]:
        screen = Screen()
        return act(), screen

    return asyncio.run(inside())[0]


def shown_on(card: Any) -> tuple[str, str]:
    """The label of the channel on a card in Today, and its URL."""
    action = getattr(card, "action", None)
    return (card.content, action.url) if action else (card.content.controls[1].value, "")


@pytest.mark.parametrize(
    ("channel", "handle", "word", "address"),
    [
        ("email", "k@example.org", "Write an e-mail", "mailto:k@example.org"),
        ("chatwork", "123456", "Open Chatwork", "https://www.chatwork.com/#!rid123456"),
        ("google_chat", "", "Open Google Chat", "https://chat.google.com/"),
        ("skype", "live:k", "Skype", ""),
    ],
)
def test_a_card_in_today_shows_the_channel_and_links_to_it(
    app: AppState, channel: str, handle: str, word: str, address: str
) -> None:
    client = kenji(app, ("line", "k"), (channel, handle))
    app.store.save(Message(client_id=client.id, at=NOW - HOUR, channel=channel, summary="the cover"))
    (item,) = queries.today(app.store, app.now).agenda.items
    assert on_a_page(lambda: shown_on(row.way_back(app, item, client))) == (word, address)


def test_the_send_button_copies_the_text_and_puts_it_into_the_link(app: AppState) -> None:
    client = kenji(app, ("email", "k@example.org"))
    opened: list[bool] = []
    button: Any = on_a_page(
        lambda: contact.send_button(
            channel_of(app, client), "Bonjour,\nà demain", "La une", lambda: opened.append(True)
        )
    )
    copy, link = button.action
    assert copy.data == "Bonjour,\nà demain"
    assert link.url == "mailto:k@example.org?subject=La%20une&body=Bonjour%2C%0D%0A%C3%A0%20demain"
    button.on_click(None)
    assert opened == [True]
    assert contact.send_button(None, "x", "", lambda: None) is None


# --- a person and an organisation on one line --------------------------------------------------------------


def test_a_name_typed_with_an_organisation_is_offered_as_split(app: AppState) -> None:
    found = record.split_of(app, "Durand (Acme)")
    assert found is not None
    assert record.split_label(found) == "New client: Durand of Acme"
    client = record.new_client_split(app, found)
    assert client is not None
    assert (client.name, client.organisation) == ("Durand", "Acme")
    assert record.split_of(app, "Marc Durand") is None


@pytest.mark.parametrize(
    ("language", "typed", "greeting"),
    [("fr", "Durand (Acme)", "Durand"), ("ja", "田中様（青空社）", "田中様")],
)
def test_a_greeting_omits_the_organisation_typed_in_brackets(
    app: AppState, language: str, typed: str, greeting: str
) -> None:
    page = find(app, "quick-acknowledgement", "/scripts", language)
    assert page is not None
    body = filling(page, {"client": typed, "me": "Robin"}, {}).body
    assert greeting in body
    assert "(" not in body.splitlines()[0]
    assert "（" not in body.splitlines()[0]
