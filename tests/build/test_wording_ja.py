"""The Japanese words decided on in docs/wording-ja.md are those of the app, its texts and its store page."""

import re
from collections.abc import Iterator
from functools import cache

import catalogues
import pytest

from app.store.content import ScriptView
from tests.build.shown_texts import of_form

ROOT = catalogues.ROOT
GLOSSARY = ROOT / "docs" / "wording-ja.md"
CELL = re.compile(r"(?<!\\)\|")
OTHER_TEXTS = (
    "locales/ja/scripts/*.md", "locales/ja/checklists/*.md", "locales/ja/sample.json",
    "build/store/ja/*.md", "build/store/ja/*.txt",
)  # fmt: skip
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龥]")


@cache
def forbidden() -> list[tuple[str, str]]:
    """(pattern, what to write instead) of every row of the glossary's tables."""
    found = []
    column = -1
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            column = -1
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]
        if column < 0:
            column = cells.index("not")
        found += [(pattern, cells[0]) for pattern in re.findall(r"`([^`]+)`", cells[column])]
    return found


def texts() -> Iterator[tuple[str, str]]:
    """(where, text) of everything that a Japanese reader sees."""
    for message in catalogues.messages(catalogues.read("ja")):
        source = catalogues.forms(message.id)[0]
        for text in catalogues.forms(message.string):
            yield f"“{source}”", text
    for pattern in OTHER_TEXTS:
        for path in ROOT.glob(pattern):
            for line in path.read_text(encoding="utf-8").splitlines():
                if JAPANESE.search(line):
                    yield path.relative_to(ROOT).as_posix(), line


def faults(text: str) -> list[str]:
    return [
        f"{found[0]!r}: write {instead}"
        for pattern, instead in forbidden()
        if (found := re.search(pattern, text))
    ]


def test_no_japanese_text_has_a_word_that_was_decided_against() -> None:
    assert [f"{where} has {fault}" for where, text in texts() for fault in faults(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "クライアントを追加",
        "線引き：{name}",
        "返信待ちに戻す",
        "金額（JPY）",
        "月–金にコピー",
        "1～2回",
        "1-2回",
        "今日; 明日",
        "このブラウザでは使えません",
        "Kaeru が接続します",
        "三営業日お返事がないときに",
        "終了させていただくことにいたしました",
    ],
)
def test_a_wording_that_was_decided_against_is_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "月〜金 9:00〜12:00",
        "ブラウザーとサーバー",
        "2026-11-30 12:00",
        "一度ご相談させてください",
        "今回は見送らせていただきます",
        "Kaeruが接続します",
        "12,000円",
    ],
)
def test_a_native_wording_is_left_alone(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize("script", of_form("ja", "letter"), ids=lambda script: script.id)
def test_a_letter_names_the_client_and_then_the_sender(script: ScriptView) -> None:
    lines = [line for line in script.body.splitlines() if line and not line.startswith("件名")]
    assert lines[0] == "{client}"
    assert re.search(r"\{me\}(です|と申します)。", lines[1])


@pytest.mark.parametrize("script", of_form("ja", "chat"), ids=lambda script: script.id)
def test_a_chat_message_names_the_client_and_not_the_sender(script: ScriptView) -> None:
    assert script.body.splitlines()[:2] == ["{client}", "お世話になっております。"]
    assert "{me}" not in script.body
    assert not script.body.startswith("件名")


@pytest.mark.parametrize("script", of_form("ja", "spoken"), ids=lambda script: script.id)
def test_spoken_words_have_nothing_of_a_letter(script: ScriptView) -> None:
    assert "{client}" not in script.body.splitlines()
    assert "{me}" not in script.body
    assert "お世話になっております" not in script.body


@pytest.mark.parametrize("script", of_form("ja", "machine"), ids=lambda script: script.id)
def test_a_voicemail_greeting_names_the_user_and_no_client(script: ScriptView) -> None:
    assert "{me}です。" in script.body.splitlines()[0]
    assert "{client}" not in script.body


def test_every_row_of_the_glossary_names_a_word_in_use() -> None:
    """A term that no text has is a dead rule; 円 is put behind amounts by code."""
    everything = "\n".join(text for _, text in texts())
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    terms = [term.strip() for row in rows for term in re.split("[/,]", row) if JAPANESE.search(term)]
    assert len(terms) > 30
    samples = {"円", "3営業日", "1週間", "32件", "1〜2回", "月〜金", "二つの文", "：（）「」、。", "山田様"}
    assert [term for term in terms if term not in samples and term not in everything] == []
