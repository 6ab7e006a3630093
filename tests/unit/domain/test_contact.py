"""Links to a conversation: only known schemes and hosts, and all input is encoded."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import ChannelKind
from app.domain.column_types import Channel
from app.domain.contact import LONGEST_LINK, phone_number, reply_link, text_message_link


def address(kind: str, handle: str, text: str = "", subject: str = "") -> str:
    link = reply_link(Channel(kind=kind, handle=handle), text, subject)
    return link.address if link else ""


@pytest.mark.parametrize(
    ("kind", "handle", "expected"),
    [
        ("email", "ana@example.org", "mailto:ana@example.org"),
        ("email", " ana+work@example.org ", "mailto:ana%2Bwork@example.org"),
        ("email", "ａｎａ＠example.org", "mailto:ana@example.org"),
        ("email", "a@b.org?bcc=x@evil.org", ""),
        ("email", "a@b.org,x@evil.org", ""),
        ("email", "ask Ana", ""),
        ("phone", "+33 (0)1 23-45", "tel:+3312345"),
        ("phone", "03-1234-5678", "tel:0312345678"),
        ("phone", "０３（１２３４）５６７８", "tel:0312345678"),
        ("phone", "in the office", ""),
        ("phone", "110;ext=9", ""),
        ("whatsapp", "+81 90-1234-5678", "https://wa.me/819012345678"),
        ("whatsapp", "0033 6 12 34 56 78", "https://wa.me/33612345678"),
        ("whatsapp", "090-1234-5678", ""),
        ("teams", "ana@example.org", "https://teams.microsoft.com/l/chat/0/0?users=ana@example.org"),
        ("messenger", "@ana.weber", "https://m.me/ana.weber"),
        ("messenger", "../evil", "https://www.messenger.com/"),
        ("zoom", "812 3456 7890", "https://zoom.us/j/81234567890"),
        (
            "zoom",
            "https://us02web.zoom.us/j/81234567890?pwd=a",
            "https://us02web.zoom.us/j/81234567890?pwd=a",
        ),
        ("zoom", "https://zoom.us.evil.org/j/1", ""),
        ("google_chat", "Ana", "https://chat.google.com/"),
        ("line", "ana_w", "https://line.me/R/ti/p/~ana_w"),
        ("line", "@shop", "https://line.me/R/ti/p/%40shop"),
        ("line", "javascript:alert(1)", ""),
        ("chatwork", "123456", "https://www.chatwork.com/#!rid123456"),
        ("chatwork", "tanaka-kenko", "https://www.chatwork.com/"),
        ("slack", "@ana", "https://app.slack.com/client"),
        ("slack", "https://evil.org/", "https://app.slack.com/client"),
        ("crowdworks", "sato_media", "https://crowdworks.jp/"),
        ("chat", "https://chat.example.org/room/1", "https://chat.example.org/room/1"),
        ("chat", "http://chat.example.org/", ""),
        ("chat", "https://ana:secret@example.org/", ""),
        ("other", "file:///etc/passwd", ""),
        ("skype", "live:ana", ""),
        ("signal", "+33612345678", ""),
    ],
)
def test_only_addresses_of_known_kinds_become_links(kind: str, handle: str, expected: str) -> None:
    assert address(kind, handle) == expected


def test_a_mail_link_carries_subject_and_text_with_crlf() -> None:
    written = address("email", "ana@example.org", "Bonjour,\nÀ vendredi & merci?", "Re: 50 % déjà")
    assert "%0D%0A" in written
    parts = urlsplit(written)
    assert parts.path == "ana@example.org"
    assert parse_qs(parts.query) == {
        "subject": ["Re: 50 % déjà"],
        "body": ["Bonjour,\r\nÀ vendredi & merci?"],
    }


def test_a_chat_link_carries_the_text_if_the_service_supports_it() -> None:
    assert unquote(address("whatsapp", "+33612345678", "À demain & merci")).endswith("?text=À demain & merci")
    assert "&message=Bonjour" in address("teams", "ana@example.org", "Bonjour")
    link = reply_link(Channel(kind="line", handle="ana"), "こんにちは")
    assert link is not None
    assert not link.carries_text


def test_a_text_message_link_works_on_android_and_ios() -> None:
    link = text_message_link(Channel(kind="phone", handle="090-1234-5678"), "はい")
    assert link is not None
    assert link.address == "sms:09012345678?&body=%E3%81%AF%E3%81%84"
    assert text_message_link(Channel(kind="email", handle="a@b.org"), "x") is None


def test_a_text_too_long_for_a_link_is_not_included() -> None:
    link = reply_link(Channel(kind="email", handle="a@b.org"), "あ" * 500, "件名")
    assert link is not None
    assert (link.carries_text, "body" in link.address, "subject" in link.address) == (False, False, True)
    short = reply_link(Channel(kind="email", handle="a@b.org"), "あ" * 100, "件名")
    assert short is not None
    assert short.carries_text


@given(st.sampled_from(list(ChannelKind)), st.text(max_size=60), st.text(max_size=300), st.text(max_size=40))
def test_no_input_produces_a_link_with_an_unknown_scheme(
    kind: ChannelKind, handle: str, text: str, subject: str
) -> None:
    channel = Channel(kind=kind, handle=handle)
    for link in (reply_link(channel, text, subject), text_message_link(channel, text)):
        if link is not None:
            assert link.address.split(":")[0] in {"mailto", "tel", "sms", "https"}
            assert link.address.isascii()
            assert not any(character in link.address for character in ' \r\n\t"<>\\')
            assert len(link.address) <= LONGEST_LINK or not link.carries_text


@pytest.mark.parametrize("typed", ["", "+", "12", "1" * 16, "+33 6 12 34 56 78", "x12345"])
def test_only_telephone_numbers_are_dialled(typed: str) -> None:
    assert phone_number(typed) == {"12": "12", "+33 6 12 34 56 78": "+33612345678"}.get(typed, "")
