"""Labels of script moments, tones, and blanks: each has a name."""

from zoneinfo import ZoneInfo

import pytest

from app import i18n
from app.domain.codes import CallOutcome
from app.domain.languages import LANGUAGES
from app.domain.scripts import PLACEHOLDERS
from app.i18n import Formatter
from app.store.content import builtin_scripts
from app.viewmodels.scripts import labels
from app.wording import words


@pytest.fixture(autouse=True)
def _english() -> None:
    i18n.use_language("en")


def test_every_known_blank_has_a_name() -> None:
    assert labels.names().keys() == PLACEHOLDERS


def test_every_typed_blank_has_an_example_and_every_other_a_picker() -> None:
    fmt = Formatter("en", ZoneInfo("UTC"))
    for name in PLACEHOLDERS:
        blank = labels.blank(name, fmt, "JPY")
        picked = blank.kind in (labels.BlankKind.DAY, labels.BlankKind.MOMENT)
        assert bool(blank.example) is not picked, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_built_in_script_has_a_known_moment_group_and_tone(language: str) -> None:
    placed = {moment for moments in labels.groups().values() for moment in moments}
    for script in builtin_scripts(language):
        assert script.moment in placed
        assert script.moment in labels.moments()
        assert script.tone in labels.tones()


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "Missed: 1", "Missed: 9"),
        ("fr", "Manqué\u00a0: 1", "Manqués\u00a0: 9"),
        ("ja", "不在：1回", "不在：9回"),
    ],
)
def test_call_counts_agree_with_their_number(language: str, one: str, many: str) -> None:
    i18n.use_language(language)
    assert words.calls_by_outcome(CallOutcome.MISSED, 1) == one
    assert words.calls_by_outcome(CallOutcome.MISSED, 9) == many
    assert {words.call_outcome(outcome) for outcome in CallOutcome} == {
        words.calls_by_outcome(outcome, 1).partition("：" if language == "ja" else ":")[0].strip("\u00a0")
        for outcome in CallOutcome
    }
