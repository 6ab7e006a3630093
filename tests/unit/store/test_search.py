"""Search: any word in any language, with a consistent index."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.entities import Call, Checklist, Client, Job, Message, Part, Script, StatusUpdate
from app.domain.normalisation import normalise
from app.store.queries import search, snippet
from app.store.store import Store
from tests.unit.store.support import NOON, Clock, assert_search_in_step


def ids(store: Store, query: str, **options: object) -> list[str]:
    return [hit.id for hit in search(store, query, **options)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("ﾃﾞｰﾀ入力", "データ入力"),
        ("データ", "でーた"),
        ("Été à Noël", "ete a noel"),
        ("Œuvre", "oeuvre"),
        ("STRASSE", "straße"),
        ("㈱佐藤", "(株)佐藤"),
        ("か\u3099", "が"),
        ("  two \n spaces ", "two spaces"),
    ],
)
def test_equivalent_spellings_are_normalised_to_the_same_text(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("ぱ", "は"), ("佐", "左"), ("は", "ば")])
def test_voiced_and_unvoiced_kana_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text())
def test_any_text_can_be_normalised_and_stays_on_one_line(text: str) -> None:
    plain = normalise(text)
    assert "\n" not in plain
    assert "\0" not in plain
    plain.encode()


@pytest.fixture
def filled(store: Store, clock: Clock) -> Store:
    store.save(
        Client(
            id="sato",
            name="佐藤 花子",
            notes="金曜10時に定例",
            channels=[{"kind": "email", "handle": "hanako@example.jp"}],
        ),
        Client(id="lefevre", name="Mme Lefèvre", notes="Préfère l’e-mail"),
        Job(
            id="lp",
            client_id="sato",
            title="ランディングページ制作",
            platform="クラウドワークス",
            notes="50% 前払い",
        ),
        Part(id="half", job_id="lp", title="前半のデザイン"),
        Message(
            id="delay",
            client_id="sato",
            at=NOON,
            summary="納期について",
            body="納品は1日遅れます。見出しは4つです。",
        ),
        Message(
            id="quote",
            client_id="lefevre",
            at=NOON,
            summary="Devis à revoir",
            body="Le budget a changé : 50 % de moins",
        ),
        Call(id="ring", client_id="lefevre", at=NOON, note="Voicemail about the deadline"),
        StatusUpdate(id="told", client_id="lefevre", at=NOON, text="Le devis est prêt"),
        Script(id="mine", title="断りの文", body="今回は見送らせてください"),
        Checklist(id="list", title="Avant l’envoi", items=[{"id": "a", "text": "Relire les montants"}]),
    )
    return store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("納", ["delay"]),  # one character
        ("納期", ["delay"]),  # two
        ("納品は", ["delay"]),  # three: by trigrams
        ("らんでぃんぐ", ["lp"]),
        ("ﾃﾞｻﾞｲﾝ", ["half"]),
        ("納期 4つ", ["delay"]),  # every word
        ("納期 4つ 佐藤", []),
        ("花子", ["sato"]),
        ("hanako@example", ["sato"]),
        ("クラウドワークス", ["lp"]),
        ("lefevre", ["lefevre"]),
        ("DEVIS", ["told", "quote"]),
        ("prefere", ["lefevre"]),
        ("voicemail deadline", ["ring"]),
        ("見送", ["mine"]),
        ("montants", ["list"]),
        ("", []),
        ("   \n ", []),
        ("zebra", []),
    ],
)
def test_words_are_found_in_three_languages(filled: Store, query: str, found: list[str]) -> None:
    assert ids(filled, query) == found


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "*",
        "%%",
        "_",
        "__a",
        "NEAR(a b)",
        "a OR b",
        "NOT",
        "AND",
        "納期*",
        "text:納期",
        "^納",
        "'; DROP TABLE client; --",
        "\\",
        "\0",
        "\ud800",
        "(",
        "🐸🐸🐸",
        "---",
        "--x",
        "{a b}",
        "a" * 100_000,
        "の虎 " * 5_000,
    ],
)
def test_query_syntax_is_treated_as_plain_words(filled: Store, query: str) -> None:
    assert ids(filled, query) == []


def test_wildcard_characters_are_found_literally(filled: Store) -> None:
    assert ids(filled, "50%") == ["lp"]
    assert ids(filled, "50 %") == ["lp", "quote"]


@given(st.text(max_size=40))
def test_every_result_contains_all_words_of_the_query(any_store: Store, query: str) -> None:
    messages = (any_store.get(Message, hit.id) for hit in search(any_store, query))
    texts = [normalise(f"{message.summary} {message.body}") for message in messages]
    assert all(word in text for word in normalise(query).split() for text in texts)


@pytest.fixture(scope="module")
def any_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    from tests.unit.store.support import open_store

    store = open_store(tmp_path_factory.mktemp("search") / "kaeru.db")
    store.save(Message(id="m", summary="納期 deadline", body='"quoted" 50% under_score'))
    return store


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30), st.data())
def test_a_text_is_found_by_any_part_of_its_words(any_store: Store, text: str, data: st.DataObject) -> None:
    any_store.save(Message(id="any", body=text))
    for word in normalise(text).split():
        start = data.draw(st.integers(0, len(word) - 1))
        part = word[start : data.draw(st.integers(start + 1, len(word)))]
        # A part may be normalised differently on its own, for instance a voicing mark without its kana.
        if normalise(part) == part:
            assert "any" in ids(any_store, part)


def test_results_are_client_names_then_titles_then_texts_newest_first(store: Store, clock: Clock) -> None:
    def at(days: int) -> dict:
        from datetime import timedelta

        return {"at": NOON - timedelta(days=days), "created_at": NOON - timedelta(days=days)}

    store.save(
        Message(id="text", body="about the budget", **at(0)),
        Message(id="old-title", summary="Budget 2025", **at(9)),
        Message(id="new-title", summary="Budget 2026", **at(1)),
        Client(id="client", name="Budget Ltd", created_at=at(300)["created_at"]),
    )
    assert ids(store, "budget") == ["client", "new-title", "old-title", "text"]
    assert ids(store, "budget", limit=2) == ["client", "new-title"]
    assert ids(store, "budget", kinds=["message"], limit=1) == ["new-title"]
    assert ids(store, "budget", kinds=[]) == []


def test_a_hit_has_its_client_and_a_snippet(filled: Store) -> None:
    [hit] = search(filled, "前半")
    assert (hit.kind, hit.title, hit.client_id) == ("part", "前半のデザイン", "sato")
    [hit] = search(filled, "遅れ")
    assert (hit.title, hit.client_id) == ("納期について", "sato")
    assert "遅れ" in hit.snippet
    [hit] = search(filled, "lefevre")
    assert hit.client_id == "lefevre"


def test_a_snippet_of_a_long_text_is_cut_around_the_word() -> None:
    text = "x " * 200 + "ÉTÉ à Noël\n" + "y " * 200
    cut = snippet(text, ["noel"])
    assert "ÉTÉ à Noël" in cut
    assert len(cut) < 110
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert snippet("short", ["absent"]) == "short"


def test_the_index_follows_edits_deletion_and_undo(filled: Store) -> None:
    message = filled.get(Message, "delay")
    message.summary, message.body = "請求書", ""
    filled.save(message)
    assert ids(filled, "納期") == []
    assert ids(filled, "請求") == ["delay"]
    change = filled.delete(filled.get(Client, "sato"))
    assert ids(filled, "請求") == ids(filled, "前半") == ids(filled, "花子") == []
    filled.undo(change)
    assert ids(filled, "請求") == ["delay"]
    assert_search_in_step(filled)
